/** `rheobase sweep`: every operator by itself, on all backends against each other. */
import { join } from 'node:path';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import { type DType, isDType } from '@rheobase/exporter/tensor';
import { type SweepReport, sweep, VALUE_CLASSES, type ValueClass } from '@rheobase/harness';
import type { Backend } from '@rheobase/runtime';
import type { Argv, CommandModule } from 'yargs';
import { createBackend, DEFAULT_BACKENDS, parseBackendList } from '../backends.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { CommandOutcome } from '../main.js';
import { closeAll, TIMEOUT_HELP } from '../options/backends.js';
import { parseCounts, requirePositive } from '../options/numbers.js';
import { requireFolder, requireWritable, writeOutput } from '../output.js';
import { interruption } from '../terminal/interruption.js';
import { progressDisplay } from '../terminal/progress.js';
import { renderSweep } from '../terminal/sweep-text.js';

interface SweepArguments {
  ops?: string[];
  dtypes?: string[];
  opset?: string[];
  values?: string[];
  backends?: string[];
  baseline: string;
  timeout: number;
  out?: string;
  bundles?: string;
  json?: string;
}

export function sweepCommand(outcome: CommandOutcome): CommandModule<object, SweepArguments> {
  return {
    command: 'sweep',
    describe: 'Compare backends operator by operator, on special values and shapes',
    builder,
    handler: async (args) => {
      outcome.exitCode = await run(args);
    },
  };
}

function builder(yargs: Argv): Argv<SweepArguments> {
  return yargs
    .option('ops', { type: 'string', array: true, describe: 'Operators, separated by commas; default all of ai.onnx' })
    .option('dtypes', { type: 'string', array: true, describe: 'Element types, e.g. float32,int64; default all' })
    .option('opset', {
      type: 'string',
      array: true,
      describe: 'Opsets whose operator versions are swept; default 21, and 26 for what has changed since',
    })
    .option('values', { type: 'string', array: true, describe: `Some of ${VALUE_CLASSES.join(', ')}; default all` })
    .option('backends', {
      type: 'string',
      array: true,
      describe: 'Backends, separated by commas, which must be there; default those available',
    })
    .option('baseline', { type: 'string', default: 'node/cpu', describe: 'The backend the others are compared with' })
    .option('timeout', { type: 'number', default: 30, describe: TIMEOUT_HELP })
    .option('out', {
      type: 'string',
      describe:
        'Folder for all that comes of it: sweep.json, a bundle each finding, and a journal as it goes; given again, the sweep goes on where it stopped',
    })
    .option('bundles', {
      type: 'string',
      describe: 'Folder for a bundle each finding: model, smallest inputs, both outputs, environment',
    })
    .option('json', { type: 'string', describe: 'Write all findings to this file (- for standard output)' })
    .example('$0 sweep --ops Relu,Max --dtypes float32 --backends node/cpu,node/webgpu', 'Two operators, two backends')
    .example('$0 sweep --out run/', 'Everything on every backend: about an hour; again after Ctrl-C to go on')
    .example('$0 sweep --opset 26 --out run/ --json opset26.json', 'Further opsets, kept in the same folder');
}

async function run(args: SweepArguments): Promise<ExitCode> {
  requirePositive('timeout', args.timeout);
  requireWritable(args.json);
  requireFolder(args.out);
  const selection = selectionOf(args);
  const bundles = args.bundles ?? (args.out === undefined ? undefined : join(args.out, 'findings'));
  const backends = await backendsOf(args);
  const interrupted = interruption();
  const progress = progressDisplay();
  try {
    const report = await sweep({
      ...selection,
      backends,
      baseline: args.baseline,
      timeoutMs: args.timeout * 1000,
      ...(bundles === undefined ? {} : { bundles }),
      ...(args.out === undefined ? {} : { journal: args.out }),
      signal: interrupted.signal,
      onProgress: ({ phase, done, total, text, findings }) => {
        // A line each would flood a log; a live line may change as often as it likes.
        if (process.stderr.isTTY || done % 50 === 0 || (phase === 'reducing' && done % 5 === 0)) {
          progress.update(done / total, `${phase} ${text}, ${done} of ${total}, ${findings} findings`);
        }
      },
    });
    const text = (): string => `${JSON.stringify(report, null, 2)}\n`;
    if (args.out !== undefined) await writeOutput(join(args.out, 'sweep.json'), text);
    await writeOutput(args.json, text);
    if (!report.complete && args.out !== undefined) process.stderr.write(`stopped; to go on: the same command again\n`);
    if (args.json !== '-') process.stdout.write(renderSweep(report));
    return exitCodeOf(report);
  } finally {
    interrupted.end();
    progress.stop();
    await closeAll(backends);
  }
}

function exitCodeOf({ findings }: SweepReport): ExitCode {
  return findings.length > 0 ? EXIT.diverged : EXIT.ok;
}

function selectionOf({ ops, dtypes, opset, values }: SweepArguments): {
  operators?: readonly string[];
  dtypes?: readonly DType[];
  opsets?: readonly number[];
  values?: readonly ValueClass[];
} {
  // Which operators there are to sweep depends on the opset: the sweep itself says so.
  const operators = listOf('ops', ops, (name): name is string => name !== '');
  const types = listOf('dtypes', dtypes, isDType);
  const classes = listOf('values', values, (name): name is ValueClass => VALUE_CLASSES.some((one) => one === name));
  return {
    ...(operators === undefined ? {} : { operators }),
    ...(types === undefined ? {} : { dtypes: types }),
    ...(opset === undefined ? {} : { opsets: parseCounts('opset', opset) }),
    ...(classes === undefined ? {} : { values: classes }),
  };
}

/** @throws RheobaseError `bad-input` for a name that is none. */
function listOf<T extends string>(
  option: string,
  given: readonly string[] | undefined,
  isOne: (name: string) => name is T,
): readonly T[] | undefined {
  if (given === undefined) return undefined;
  const names = given.flatMap((text) => text.split(',')).map((name) => name.trim());
  const wrong = names.find((name) => !isOne(name));
  if (wrong !== undefined) {
    throw badInput(`there is no ${JSON.stringify(wrong)} to sweep`, { where: `--${option}`, remedy: 'see --help' });
  }
  return [...new Set(names.filter(isOne))];
}

/** Backends asked for by name must be there; of the others, those that are. The baseline belongs to them. */
async function backendsOf({ backends: given, baseline, timeout }: SweepArguments): Promise<readonly Backend[]> {
  const named = parseBackendList(given);
  const ids = [...new Set([...(parseBackendList([baseline]) ?? []), ...(named ?? DEFAULT_BACKENDS)])];
  const backends = ids.map((id) => createBackend(id, timeout));
  const missing: string[] = [];
  for (const backend of named === undefined ? [] : backends) {
    const availability = await backend.probe();
    if (!availability.available) missing.push(`${backend.id} (${availability.reason})`);
  }
  if (missing.length === 0) return backends;
  await closeAll(backends);
  throw new RheobaseError('unavailable', `not here: ${missing.join(', ')}`, { remedy: 'see rheobase doctor' });
}
