/** `rheobase sparsify`: thresholds for a trained model, chosen from data, and sparse execution where it pays. */
import { readFile } from 'node:fs/promises';
import { badInput, type Model, modelInfo, RheobaseError, type Tensor } from '@rheobase/exporter';
import { readModelFile, writeModelFile } from '@rheobase/exporter/node';
import type { BackendId, Feeds } from '@rheobase/runtime';
import { readCases, readTensorFile } from '@rheobase/runtime/files';
import {
  type Goal,
  renderSparsifyHtml,
  type Sparsified,
  type SparsifyOptions,
  samplesFrom,
  sparsify,
  thetaText,
} from '@rheobase/sparsifier';
import { readIdx } from '@rheobase/trainer';
import { loadMnist } from '@rheobase/trainer/node';
import type { Argv, CommandModule } from 'yargs';
import { createBackend } from '../backends.js';
import type { CommandOutcome } from '../main.js';
import { requirePositive } from '../options/numbers.js';
import { requireWritable, writeOutput } from '../output.js';
import { progressDisplay } from '../terminal/progress.js';
import { table } from '../terminal/table.js';

interface SparsifyArguments {
  model: string;
  data: string;
  labels?: string;
  'target-sparsity'?: number;
  'max-drop'?: number;
  gate: 'value' | 'magnitude' | 'input';
  lowering: 'auto' | 'dense' | 'gather';
  backend: BackendId;
  samples: number;
  seed: number;
  out: string;
  json?: string;
  html?: string;
}

export function sparsifyCommand(_outcome: CommandOutcome): CommandModule<object, SparsifyArguments> {
  return {
    command: 'sparsify <model>',
    describe: 'Put thresholds, chosen from data, into a trained model, and skip what stays silent',
    builder,
    handler: run,
  };
}

function builder(yargs: Argv): Argv<SparsifyArguments> {
  return yargs
    .positional('model', { type: 'string', demandOption: true, describe: 'A trained ONNX model' })
    .option('data', {
      type: 'string',
      demandOption: true,
      describe: 'Calibration data: mnist, or an npz, npy or folder whose leading axis counts the samples',
    })
    .option('labels', {
      type: 'string',
      describe: 'Classes of the samples (npy or IDX), so that accuracy can be measured; mnist brings its own',
    })
    .option('target-sparsity', { type: 'number', describe: 'Share of neurons to silence, e.g. 0.9' })
    .option('max-drop', {
      type: 'number',
      describe: 'As sparse as at most so many points of accuracy lost allow, e.g. 0.5',
    })
    .option('gate', {
      choices: ['value', 'magnitude', 'input'] as const,
      default: 'value' as const,
      describe: 'x > θ, or |x| > θ; input: |x| > θ, also on inputs of products that no activation precedes',
    })
    .option('lowering', {
      choices: ['auto', 'dense', 'gather'] as const,
      default: 'auto' as const,
      describe: 'Execution of the products that follow; auto measures the backend',
    })
    .option('backend', { type: 'string', default: 'node/cpu', describe: 'What runs the data and is optimised for' })
    .option('samples', { type: 'number', default: 2000, describe: 'Use at most so many samples' })
    .option('seed', { type: 'number', default: 0, describe: 'Seed of everything random' })
    .option('out', { alias: 'o', type: 'string', demandOption: true, describe: 'The ONNX file to write' })
    .option('json', { type: 'string', describe: 'Write the report to this file (- for standard output)' })
    .option('html', { type: 'string', describe: 'Write the report as one page: layers, accuracy against sparsity' })
    .example('$0 sparsify digits.onnx --data mnist --target-sparsity 0.9 -o sparse.onnx', 'Nine of ten neurons silent')
    .example(
      '$0 sparsify model.onnx --data calib.npz --labels classes.npy --max-drop 0.5 -o sparse.onnx',
      'As sparse as half a point allows',
    );
}

async function run(args: SparsifyArguments): Promise<void> {
  const goal = goalOf(args);
  requirePositive('samples', args.samples);
  requireWritable(args.out, args.json, args.html);
  const model = await readModelFile(args.model);
  const { feeds, labels } = await dataFor(model, args);
  const backend = createBackend(args.backend);
  const progress = progressDisplay();
  try {
    const sparsified = await sparsifyNamed(args.model, model, {
      backend,
      samples: samplesFrom(feeds),
      goal,
      gate: args.gate,
      seed: args.seed,
      ...(labels === undefined ? {} : { labels }),
      ...(args.lowering === 'auto' ? {} : { lowering: { kind: args.lowering } }),
      onProgress: ({ stage, done, total }) => progress.update(done / total, stageText(stage, done, total)),
    } satisfies SparsifyOptions);
    progress.stop();
    await writeModelFile(args.out, sparsified.model);
    await writeOutput(args.json, () => `${JSON.stringify(sparsified.report, null, 2)}\n`);
    await writeOutput(args.html, () => renderSparsifyHtml(sparsified, args.model));
    if (args.json !== '-') process.stdout.write(render(args, sparsified));
  } finally {
    progress.stop();
    await backend.close();
  }
}

/** What is wrong with a model or its data, told with the model's file. */
async function sparsifyNamed(path: string, model: Model, options: SparsifyOptions): Promise<Sparsified> {
  try {
    return await sparsify(model, options);
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(path) : error;
  }
}

function stageText(stage: string, done: number, total: number): string {
  return process.stderr.isTTY ? `${stage}: ${done} of ${total}` : stage;
}

function goalOf({ 'target-sparsity': target, 'max-drop': drop }: SparsifyArguments): Goal {
  if ((target === undefined) === (drop === undefined)) {
    throw badInput('takes one goal', { where: 'sparsify', remedy: 'give either --target-sparsity or --max-drop' });
  }
  if (target !== undefined) {
    if (!(target > 0 && target < 1))
      throw badInput(`${target} is no share between 0 and 1`, { where: '--target-sparsity' });
    return { kind: 'sparsity', target };
  }
  if (!(drop !== undefined && drop >= 0 && drop < 100))
    throw badInput(`${drop} is no number of points`, { where: '--max-drop' });
  return { kind: 'accuracy', maxDrop: drop / 100 };
}

interface CalibrationData {
  readonly feeds: Feeds;
  readonly labels?: ArrayLike<number | bigint>;
}

async function dataFor(model: Model, { data, labels, samples }: SparsifyArguments): Promise<CalibrationData> {
  const inputs = modelInfo(model).inputs;
  if (data === 'mnist') {
    const [first] = inputs;
    if (first === undefined || inputs.length !== 1) {
      throw badInput(`the model has ${inputs.length} inputs, mnist feeds one`, { where: '--data' });
    }
    // Thresholds are chosen on training images, so that the test images stay unseen.
    const { images, labels: classes } = await loadMnist('train', samples);
    return { feeds: { [first.name]: fitted(images, first.shape) }, labels: classes.data };
  }
  const feeds = await firstCase(data, model);
  const limited = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, leading(value, samples)]));
  if (labels === undefined) return { feeds: limited };
  return { feeds: limited, labels: await readLabels(labels) };
}

/** Images in the shape of the model's input, the first axis counting them. */
function fitted(images: Tensor<'float32'>, shape: readonly (number | string | null)[] | null): Tensor {
  const [count] = images.shape;
  const rest = shape?.slice(1).every((dim) => typeof dim === 'number') ? (shape.slice(1) as number[]) : [784];
  if (rest.reduce((product, extent) => product * extent, 1) !== 784) {
    throw badInput(`the model's input takes [${shape}], an image has 784 pixels`, { where: '--data mnist' });
  }
  return { ...images, shape: [count, ...rest] };
}

async function firstCase(path: string, model: Model): Promise<Feeds> {
  const cases = await readCases(path);
  for (const { feeds } of cases(model)) return feeds;
  throw badInput('holds no samples', { where: path });
}

function leading(value: Tensor, limit: number): Tensor {
  const [count = 0, ...rest] = value.shape;
  if (count <= limit || value.dtype === 'string') return value;
  const size = rest.reduce((product, extent) => product * extent, 1);
  return { ...value, shape: [limit, ...rest], data: value.data.slice(0, limit * size) } as Tensor;
}

async function readLabels(path: string): Promise<ArrayLike<number | bigint>> {
  const { data, shape, dtype } = /\.(npy|pb)$/.test(path)
    ? await readTensorFile(path)
    : readIdx(await readFile(path), path);
  if (shape.length !== 1 || dtype === 'string')
    throw badInput(`labels are one number a sample, this is ${dtype} [${shape}]`, { where: path });
  return data as ArrayLike<number | bigint>;
}

function render({ model, out }: SparsifyArguments, { report, products }: Sparsified): string {
  const rows = report.layers.map(({ node, theta, sparsity, lowering, outputError }) => [
    node,
    thetaText(theta),
    percent(sparsity),
    lowering,
    outputError.toExponential(1),
  ]);
  const predicted = products.flatMap(({ product, predicted: times }) =>
    times === null
      ? []
      : [`${product.node}: ${times.ms.toFixed(3)} ms predicted, ${times.denseMs.toFixed(3)} ms dense`],
  );
  const { accuracy } = report;
  return [
    table(['activation', 'θ', 'silent', 'lowering', 'output error'], rows),
    `${model} → ${out}: ${percent(report.sparsity)} silent, ${report.deadNeurons} neurons that never fire`,
    ...(accuracy === null
      ? []
      : [`accuracy on the samples ${percent(accuracy.before)} before, ${percent(accuracy.after)} after`]),
    ...predicted,
    '',
  ].join('\n');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
