/** `rheobase sparsify`: thresholds for a trained model, chosen from data, and sparse execution where it pays. */
import { badInput, type Model, RheobaseError } from '@rheobase/exporter';
import { readModelFile, writeModelFile } from '@rheobase/exporter/node';
import type { BackendId } from '@rheobase/runtime';
import {
  fixInputs,
  type Goal,
  LOWERING_KINDS,
  type LoweringKind,
  renderSparsifyHtml,
  type Sparsified,
  type SparsifyOptions,
  sparsify,
  type WantedLowering,
} from '@rheobase/sparsifier';
import type { Argv, CommandModule } from 'yargs';
import { createBackend } from '../backends.js';
import type { CommandOutcome } from '../main.js';
import { calibrationData } from '../options/calibration-data.js';
import { calibrationFile } from '../options/calibration-file.js';
import { readCostModel } from '../options/cost-model.js';
import { DATA_KINDS, DATA_OPTIONS, type DataArguments } from '../options/data.js';
import { fixedInputs } from '../options/fixed-inputs.js';
import { requirePositive } from '../options/numbers.js';
import { requireWritable, writeOutput } from '../output.js';
import { interruption } from '../terminal/interruption.js';
import { progressDisplay } from '../terminal/progress.js';
import { sparsifyText } from '../terminal/sparsify-text.js';

interface SparsifyArguments extends DataArguments {
  model: string;
  'target-sparsity'?: number;
  'layer-sparsity'?: string[];
  'max-drop'?: number;
  'max-error'?: number;
  scores?: string;
  gate: 'value' | 'magnitude' | 'input';
  'per-channel': boolean;
  lowering: 'auto' | LoweringKind;
  'block-size'?: number;
  'remove-dead': boolean;
  backend: BackendId;
  rows: number;
  cost?: string;
  samples: number;
  fix?: string[];
  calibration?: string;
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

/** Without the default of `--data`: thresholds chosen on data that nobody named would be worth little. */
const { data: _, ...OTHER_DATA_OPTIONS } = DATA_OPTIONS;

function builder(yargs: Argv): Argv<SparsifyArguments> {
  return yargs
    .positional('model', { type: 'string', demandOption: true, describe: 'A trained ONNX model' })
    .options(OTHER_DATA_OPTIONS)
    .option('data', {
      type: 'string',
      demandOption: true,
      describe: `Samples: an .npz or folder with a tensor for each input of the model, an .npy; or ${DATA_KINDS}`,
    })
    .option('target-sparsity', { type: 'number', describe: 'Share of neurons to silence, e.g. 0.9' })
    .option('max-drop', {
      type: 'number',
      describe: 'As sparse as at most so many points of accuracy lost allow, e.g. 0.5',
    })
    .option('layer-sparsity', {
      type: 'string',
      array: true,
      describe: 'Shares layer by layer, e.g. relu1=0.9 relu2=0.95; layers not named keep what they have',
    })
    .option('max-error', {
      type: 'number',
      describe: 'As sparse as at most so much relative error at the output allows, e.g. 0.02; needs no labels',
    })
    .option('scores', {
      type: 'string',
      describe: 'The output with the scores by class, where it is not the first of floats',
    })
    .option('gate', {
      choices: ['value', 'magnitude', 'input'] as const,
      default: 'value' as const,
      describe: 'x > θ, or |x| > θ; input: |x| > θ, also on inputs of products that no activation precedes',
    })
    .option('per-channel', {
      type: 'boolean',
      default: false,
      describe: 'One θ for each channel, all channels of a layer equally silent',
    })
    .option('lowering', {
      choices: ['auto', ...LOWERING_KINDS] as const,
      default: 'auto' as const,
      describe:
        'Execution of the products that follow; auto measures the backend and takes only what is exact (approximate ones drop neurons)',
    })
    .option('block-size', { type: 'number', describe: 'Neurons in a block of a mixture; default: about 16' })
    .option('backend', { type: 'string', default: 'node/cpu', describe: 'What runs the data and is optimised for' })
    .option('rows', {
      type: 'number',
      default: 1,
      describe: 'Rows (batch, sequence) that the finished model will run with at once',
    })
    .option('cost', {
      type: 'string',
      describe: 'For auto: a cost model that measure-crossover wrote; measured anew without it',
    })
    .option('remove-dead', {
      type: 'boolean',
      default: false,
      describe: 'Take out neurons that fired for no sample: exact on these samples alone',
    })
    .option('samples', { type: 'number', default: 2000, describe: 'Use at most so many samples' })
    .option('fix', {
      type: 'string',
      array: true,
      describe: 'Inputs that become constants, e.g. sr=16000: branches they decide are looked into',
    })
    .option('calibration', {
      type: 'string',
      describe: 'Keep what was counted in this .npz: goes on there after Ctrl-C, and serves other goals',
    })
    .option('seed', { type: 'number', default: 0, describe: 'Seed of everything random' })
    .option('out', { alias: 'o', type: 'string', demandOption: true, describe: 'The ONNX file to write' })
    .option('json', { type: 'string', describe: 'Write the report to this file (- for standard output)' })
    .option('html', { type: 'string', describe: 'Write the report as one page: layers, accuracy against sparsity' })
    .example('$0 sparsify digits.onnx --data mnist --target-sparsity 0.9 -o sparse.onnx', 'Nine of ten neurons silent')
    .example(
      '$0 sparsify model.onnx --data calib.npz --layer-sparsity relu1=0.9 relu2=0.95 -o sparse.onnx',
      'A share for each layer, by the name of its activation',
    )
    .example(
      '$0 sparsify model.onnx --data calib.npz --labels classes.npy --max-drop 0.5 -o sparse.onnx',
      'As sparse as half a point allows',
    );
}

async function run(args: SparsifyArguments): Promise<void> {
  const goal = goalOf(args);
  for (const option of ['samples', 'rows'] as const) requirePositive(option, args[option]);
  requireWritable(args.out, args.json, args.html, args.calibration);
  const given = await readModelFile(args.model);
  const model = args.fix === undefined ? given : fixInputs(given, fixedInputs(given, args.fix));
  const costModel = args.cost === undefined ? undefined : await readCostModel(args.cost, args.backend);
  const { samples, labels } = await calibrationData(model, args, args.samples);
  const kept =
    args.calibration === undefined ? undefined : await calibrationFile(args.calibration, model, args.gate, samples);
  const backend = createBackend(args.backend);
  const progress = progressDisplay();
  const stop = interruption();
  try {
    const sparsified = await sparsifyNamed(args.model, model, {
      backend,
      samples,
      signal: stop.signal,
      ...(kept === undefined ? {} : { onCalibrated: kept.save }),
      ...(kept?.found === undefined ? {} : { calibration: kept.found }),
      goal,
      gate: args.gate,
      perChannel: args['per-channel'],
      removeDead: args['remove-dead'],
      deployedRows: args.rows,
      seed: args.seed,
      ...(costModel === undefined ? {} : { costModel }),
      ...(labels === undefined ? {} : { labels }),
      ...(args.scores === undefined ? {} : { scores: args.scores }),
      lowering: wantedLowering(args),
      onProgress: ({ stage, done, total }) => progress.update(done / total, stageText(stage, done, total)),
    } satisfies SparsifyOptions);
    progress.stop();
    await writeModelFile(args.out, sparsified.model);
    await writeOutput(args.json, () => `${JSON.stringify(sparsified.report, null, 2)}\n`);
    await writeOutput(args.html, () => renderSparsifyHtml(sparsified.report, args.model));
    if (args.json !== '-') process.stdout.write(sparsifyText(args.model, args.out, sparsified.report));
  } finally {
    progress.stop();
    stop.end();
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

/** How many neurons or blocks a lowering takes is left to the data. */
function wantedLowering({ lowering, 'block-size': blockSize }: SparsifyArguments): 'auto' | WantedLowering {
  const isMixture = lowering === 'mixture' || lowering === 'mixtureApproximate';
  if (blockSize !== undefined && !isMixture) {
    throw badInput(`--lowering ${lowering} has no blocks`, {
      where: '--block-size',
      remedy: 'leave it away, or take --lowering mixture',
    });
  }
  if (lowering === 'auto') return lowering;
  return isMixture && blockSize !== undefined ? { kind: lowering, blockSize } : { kind: lowering };
}

function stageText(stage: string, done: number, total: number): string {
  return process.stderr.isTTY ? `${stage}: ${done} of ${total}` : stage;
}

function goalOf(args: SparsifyArguments): Goal {
  const { 'target-sparsity': target, 'layer-sparsity': byLayer, 'max-drop': drop, 'max-error': error } = args;
  const given = [target, byLayer, drop, error].filter((goal) => goal !== undefined);
  if (given.length !== 1) {
    throw badInput(given.length === 0 ? 'needs a goal' : 'takes one goal', {
      where: 'sparsify',
      remedy: 'give one of --target-sparsity, --layer-sparsity, --max-drop, --max-error',
    });
  }
  if (byLayer !== undefined) return { kind: 'layers', targets: sharesByLayer(byLayer) };
  if (target !== undefined) return { kind: 'sparsity', target: share(target, '--target-sparsity') };
  if (error !== undefined) {
    if (!(error >= 0)) throw badInput(`${error} is no relative error`, { where: '--max-error' });
    return { kind: 'error', maxError: error };
  }
  if (!(drop !== undefined && drop >= 0 && drop < 100))
    throw badInput(`${drop} is no number of points`, { where: '--max-drop' });
  return { kind: 'accuracy', maxDrop: drop / 100 };
}

function share(value: number, where: string): number {
  if (value > 0 && value < 1) return value;
  throw badInput(`${value} is no share between 0 and 1`, { where });
}

/** `NODE=SHARE`; a name may hold equals signs itself. */
function sharesByLayer(list: readonly string[]): Record<string, number> {
  const where = '--layer-sparsity';
  return Object.fromEntries(
    list.map((entry) => {
      const end = entry.lastIndexOf('=');
      if (end <= 0) throw badInput(`'${entry}' names no layer and share`, { where, remedy: 'write NODE=0.9' });
      return [entry.slice(0, end), share(Number(entry.slice(end + 1) || Number.NaN), where)];
    }),
  );
}
