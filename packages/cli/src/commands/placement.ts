/** `rheobase placement`: measures, operator by operator, whether a backend's own provider runs it. */
import { measurePlacement, type PlacementMeasurement } from '@rheobase/exporter';
import { RheobaseError } from '@rheobase/exporter/errors';
import type { BackendId } from '@rheobase/runtime';
import type { CommandModule } from 'yargs';
import { createBackend, DEFAULT_BACKENDS, parseBackendList } from '../backends.js';
import type { CommandOutcome } from '../main.js';
import { requireWritable, writeOutput } from '../output.js';
import { progressDisplay } from '../terminal/progress.js';
import { table } from '../terminal/table.js';

interface PlacementArguments {
  backends?: string[];
  operators?: string[];
  json?: string;
}

export function placementCommand(_outcome: CommandOutcome): CommandModule<object, PlacementArguments> {
  return {
    command: 'placement',
    describe: 'Measure which operators a backend runs itself, hands to the CPU, or refuses',
    builder: (yargs) =>
      yargs
        .option('backends', { type: 'string', array: true, describe: 'Backends to measure; default those available' })
        .option('operators', { type: 'string', array: true, describe: 'Operators to measure; default all' })
        .option('json', { type: 'string', describe: 'Write every measurement to this file (- for standard output)' })
        .example(
          '$0 placement --backends node/webgpu --operators ThresholdedRelu,NonZero',
          'Two operators, every opset and type',
        )
        .example('$0 placement --json placement.json', 'Everything; takes some minutes a backend'),
    handler: async (args) => {
      requireWritable(args.json);
      const operators = args.operators?.flatMap((text) => text.split(',')).map((name) => name.trim());
      const named = parseBackendList(args.backends);
      const measurements: PlacementMeasurement[] = [];
      for (const id of named ?? DEFAULT_BACKENDS) {
        const measured = await measure(id, operators, named !== undefined);
        if (measured !== undefined) measurements.push(measured);
      }
      const content = { schema: 'rheobase/placement@1', backends: measurements.map(machineReadable) };
      await writeOutput(args.json, () => `${JSON.stringify(content, null, 2)}\n`);
      if (args.json !== '-') process.stdout.write(render(measurements));
    },
  };
}

/** A backend asked for by name must be there; of the others, those that are. */
async function measure(
  id: BackendId,
  operators: readonly string[] | undefined,
  required: boolean,
): Promise<PlacementMeasurement | undefined> {
  const backend = createBackend(id);
  const progress = progressDisplay();
  try {
    const availability = await backend.probe();
    if (!availability.available) {
      if (!required) return undefined;
      const remedy = availability.remedy === null ? {} : { remedy: availability.remedy };
      throw new RheobaseError('unavailable', availability.reason, { where: id, ...remedy });
    }
    return await measurePlacement(backend, {
      ...(operators === undefined ? {} : { operators }),
      onProgress: ({ done, total, probe }) => {
        // A line each would flood a log; a live line may change as often as it likes.
        if (process.stderr.isTTY || done % 100 === 0)
          progress.update(done / total, `${id}: ${probe.opType}, ${done} of ${total}`);
      },
    });
  } finally {
    progress.stop();
    await backend.close();
  }
}

function machineReadable({ backend, placements, refused, failed }: PlacementMeasurement): object {
  return { id: backend, placements, refused, failed };
}

function render(measurements: readonly PlacementMeasurement[]): string {
  const rows = measurements.flatMap(({ backend, placements }) => {
    return [...byOperator(placements)].map(([opType, found]) => [backend, opType, summary(found)]);
  });
  return table(['backend', 'operator', 'opset and type → who runs it'], rows);
}

type Placements = PlacementMeasurement['placements'];

function byOperator(placements: Placements): Map<string, Placements[number][]> {
  const groups = new Map<string, Placements[number][]>();
  for (const one of placements) groups.set(one.opType, [...(groups.get(one.opType) ?? []), one]);
  return groups;
}

function summary(found: Placements): string {
  return found.map(({ from, dtype, placement }) => `${from} ${dtype ?? 'any'}: ${placement}`).join(', ');
}
