/** `rheobase measure-crossover`: what dense and sparse products cost on a backend, and where one begins to pay. */
import type { BackendId } from '@rheobase/runtime';
import { type Crossover, crossover, crossoverReport, measureCrossover } from '@rheobase/sparsifier';
import type { Argv, CommandModule } from 'yargs';
import { createBackend } from '../backends.js';
import type { CommandOutcome } from '../main.js';
import { requirePositive } from '../options/numbers.js';
import { requireWritable, writeOutput } from '../output.js';
import { progressDisplay } from '../terminal/progress.js';
import { table } from '../terminal/table.js';

interface MeasureArguments {
  backend: string[];
  threads: number;
  rounds: number;
  seed: number;
  json?: string;
}

export function measureCrossoverCommand(_outcome: CommandOutcome): CommandModule<object, MeasureArguments> {
  return {
    command: 'measure-crossover',
    describe: 'Measure at which sparsity skipping silent neurons begins to pay on a backend',
    builder,
    handler: run,
  };
}

function builder(yargs: Argv): Argv<MeasureArguments> {
  return yargs
    .option('backend', {
      type: 'string',
      array: true,
      default: ['node/cpu'],
      describe: 'What to measure; several are measured one after the other',
    })
    .option('threads', { type: 'number', default: 1, describe: 'Intra-op threads' })
    .option('rounds', { type: 'number', default: 15, describe: 'Rounds of measurement; medians count' })
    .option('seed', { type: 'number', default: 0, describe: 'Seed of weights, inputs and order' })
    .option('json', { type: 'string', describe: 'Write the cost models to this file (- for standard output)' })
    .example('$0 measure-crossover --backend node/cpu node/wasm --json cost.json', 'Two backends')
    .example('$0 sparsify model.onnx --data calib.npz --target-sparsity 0.9 --cost cost.json -o sparse.onnx', 'Use it');
}

async function run({ backend, threads, rounds, seed, json }: MeasureArguments): Promise<void> {
  requirePositive('threads', threads);
  requirePositive('rounds', rounds);
  requireWritable(json);
  const crossovers: Crossover[] = [];
  for (const id of backend.flatMap((list) => list.split(',')))
    crossovers.push(await measured(id, { threads, rounds, seed }));
  await writeOutput(json, () => `${JSON.stringify(crossoverReport(crossovers), null, 2)}\n`);
  if (json !== '-') process.stdout.write(`${crossovers.map(render).join('\n')}`);
}

async function measured(id: BackendId, options: { threads: number; rounds: number; seed: number }): Promise<Crossover> {
  const backend = createBackend(id);
  const progress = progressDisplay();
  try {
    const onProgress = (done: number, total: number) => progress.update(done / total, `measuring ${id}`);
    // The first round warms up.
    return await measureCrossover(backend, { ...options, rounds: options.rounds + 1, onProgress });
  } finally {
    progress.stop();
    await backend.close();
  }
}

function render({ model, points }: Crossover): string {
  const rows = points.map(({ inner, outer, active, lowering, medianMs }) => [
    `${inner} × ${outer}`,
    active === null ? 'all' : `${active} (${((100 * active) / inner).toFixed(0)} %)`,
    lowering,
    medianMs.toFixed(4),
  ]);
  const sizes = [...new Map(points.map((point) => [`${point.inner} × ${point.outer}`, point])).entries()];
  const pays = sizes.map(([name, size]) => {
    const active = crossover(model, size);
    const share = `${(100 * (1 - active / size.inner)).toFixed(0)} % silent`;
    return [name, active === 0 ? 'never' : `above ${share} (fewer than ${active} firing)`];
  });
  return [
    `${model.backend}, ${model.threads} thread${model.threads === 1 ? '' : 's'}`,
    table(['product', 'firing', 'executed', 'ms'], rows),
    table(['product', 'sparse pays'], pays),
    '',
  ].join('\n');
}
