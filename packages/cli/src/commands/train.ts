/** `rheobase train`: trains a recipe, layers of one's own or an ONNX model, on any data and any backend. */
import { ACTIVATIONS, type ActivationName, badInput, RECIPES, type Sequential, sequential } from '@rheobase/exporter';
import { writeModelFile } from '@rheobase/exporter/node';
import type { BackendId } from '@rheobase/runtime';
import { dropout, normalization, type RecipeChoice, trainNetwork, withInputShape } from '@rheobase/trainer';
import { checkpointFile, type OpenedDataset } from '@rheobase/trainer/node';
import type { Argv, CommandModule } from 'yargs';
import { createBackend } from '../backends.js';
import type { CommandOutcome } from '../main.js';
import { DATA_OPTIONS, type DataArguments, openData } from '../options/data.js';
import { requirePositive, requireWhole } from '../options/numbers.js';
import { TRAINING_OPTIONS, type TrainingArguments, trainingSettings } from '../options/training.js';
import { requireWritable, writeOutput } from '../output.js';
import { interruption } from '../terminal/interruption.js';
import { trainProgress } from '../terminal/train-progress.js';
import { trainText } from '../terminal/train-report.js';
import { readSubject, type Subject } from '../training/subject.js';

interface TrainArguments extends DataArguments, TrainingArguments {
  source: string;
  test?: string;
  'test-split'?: number;
  limit?: number;
  normalize: boolean;
  dropout: number;
  backend: BackendId;
  activation?: ActivationName;
  threshold?: number;
  'learn-threshold': boolean;
  seed: number;
  out?: string;
  checkpoint?: string;
  json?: string;
}

export function trainCommand(_outcome: CommandOutcome): CommandModule<object, TrainArguments> {
  return {
    command: 'train <source>',
    describe: 'Train a network or an ONNX model as an ONNX graph, on any backend',
    builder,
    handler: run,
  };
}

function builder(yargs: Argv): Argv<TrainArguments> {
  return yargs
    .positional('source', {
      type: 'string',
      demandOption: true,
      describe: `A recipe (${Object.keys(RECIPES).join(', ')}), an ONNX model, or a module whose default export is layers or a model`,
    })
    .options(DATA_OPTIONS)
    .option('test', { type: 'string', describe: 'Data to test on, of any of these kinds' })
    .option('test-split', {
      type: 'number',
      describe: 'Share of the data drawn for testing; default 0.1 where there is no test data, 0 for none',
    })
    .option('limit', { alias: 'images', type: 'number', describe: 'Train on so many examples; default all' })
    .option('normalize', {
      type: 'boolean',
      default: false,
      describe: 'A first layer that gives each input mean 0 and deviation 1 (recipes and layers)',
    })
    .option('dropout', {
      type: 'number',
      default: 0,
      describe: 'Share dropped before the last layer while training (recipes and layers)',
    })
    .options(TRAINING_OPTIONS)
    .option('backend', { type: 'string', default: 'node/cpu', describe: 'Where to train' })
    .option('activation', {
      choices: Object.keys(ACTIVATIONS) as ActivationName[],
      describe: 'Of a recipe: f of the threshold activation; default relu',
    })
    .option('threshold', { type: 'number', describe: 'Of a recipe: θ, or where it starts; default 0.2' })
    .option('learn-threshold', { type: 'boolean', default: false, describe: 'Of a recipe: train θ, one per neuron' })
    .option('seed', { type: 'number', default: 0, describe: 'Seed of weights, order and the test split' })
    .option('out', { alias: 'o', type: 'string', describe: 'Write the trained model to this ONNX file' })
    .option('checkpoint', {
      type: 'string',
      describe: 'Write the state to this file after every epoch, and go on from it if it is there',
    })
    .option('json', { type: 'string', describe: 'Write the log to this file (- for standard output)' })
    .example('$0 train mnist-mlp -o digits.onnx', 'The seed recipe: ten epochs on all of MNIST')
    .example(
      '$0 train mnist-mlp-wide --learn-threshold --target-sparsity 0.95 --batch 128',
      'One learnt θ for each neuron, 95 % of them silent',
    )
    .example('$0 train model.onnx --data train.npz --test test.npz --epochs 3 -o tuned.onnx', 'Fine-tune any model')
    .example('$0 train layers.mjs --data iris.csv --normalize -o iris.onnx', 'Layers of one’s own on a table')
    .example('$0 train mnist-mlp --teacher large.onnx --alpha 0.3 -o small.onnx', 'Learn from a larger model')
    .example('$0 train mnist-mlp --prune 0.9 --rounds 3 --rewind 500 -o ticket.onnx', 'A tenth of the weights')
    .example('$0 train mnist-mlp --backend chromium/webgpu --epochs 1 --json log.json', 'The same graph elsewhere')
    .epilogue('Ctrl-C ends training after the steps under way; with --checkpoint the same command goes on from there.');
}

async function run(args: TrainArguments): Promise<void> {
  requireWritable(args.out, args.json, args.checkpoint);
  if (args.limit !== undefined) requirePositive('limit', args.limit);
  requireWhole('seed', args.seed);
  const subject = await readSubject(args.source, recipeChoice(args));
  checkChoice(subject, args);
  const data = await openData(args, {
    seed: args.seed,
    ...(args.test === undefined ? {} : { test: args.test }),
    ...(args['test-split'] === undefined ? {} : { testSplit: args['test-split'] }),
    ...(args.limit === undefined ? {} : { limit: args.limit }),
  });
  const inputShape = subject.inputShape(data.train.x.shape);
  const network = regularized(subject, args, data, inputShape);
  const settings = await trainingSettings(args, data.train.count);

  const backend = createBackend(args.backend);
  // Evaluated on node/cpu whatever trains, so that logs of different backends speak of the same thing.
  const evaluateOn = createBackend('node/cpu');
  const progress = trainProgress(args.epochs);
  const stop = interruption();
  try {
    const { log, result } = await trainNetwork(network, {
      ...settings,
      backend,
      evaluateOn,
      train: data.train,
      test: data.test,
      inputShape,
      recipe: subject.name,
      seed: args.seed,
      signal: stop.signal,
      ...(args.checkpoint === undefined ? {} : { checkpoint: { store: checkpointFile(args.checkpoint) } }),
      onEvent: progress.onEvent,
    });
    progress.stop();
    if (args.out !== undefined) {
      const { classes } = data;
      const metadata = classes === undefined ? {} : { metadata: { classes: JSON.stringify(classes) } };
      await writeModelFile(args.out, result.toModel({ inputName: 'x', outputName: 'probabilities', ...metadata }));
    }
    await writeOutput(args.json, () => `${JSON.stringify(log, null, 2)}\n`);
    if (args.json !== '-') process.stdout.write(trainText(log, result.ended));
  } finally {
    progress.stop();
    stop.end();
    await Promise.all([backend.close(), evaluateOn.close()]);
  }
}

function recipeChoice(args: TrainArguments): RecipeChoice {
  const { activation, threshold, 'learn-threshold': learnThreshold } = args;
  if (threshold !== undefined && !Number.isFinite(threshold)) {
    throw badInput(`takes a number, got ${threshold}`, { where: '--threshold' });
  }
  return {
    learnThreshold,
    ...(activation === undefined ? {} : { activation }),
    ...(threshold === undefined ? {} : { threshold }),
  };
}

/** What is said of a recipe's thresholds is not passed over in silence for other networks, which bring their own. */
function checkChoice({ kind, name }: Subject, args: TrainArguments): void {
  if (kind === 'recipe') return;
  const given = [
    args.activation === undefined ? [] : ['--activation'],
    args.threshold === undefined ? [] : ['--threshold'],
    args['learn-threshold'] ? ['--learn-threshold'] : [],
  ].flat();
  if (given.length === 0) return;
  throw badInput(`${given.join(' and ')} speak${given.length === 1 ? 's' : ''} of a recipe, and this is none`, {
    where: name,
    remedy:
      kind === 'model' ? 'put thresholds into a model by rheobase sparsify' : 'say it in its sparseActivation layers',
  });
}

/** The network with the layers that options add to it. */
function regularized(
  { network, kind, name }: Subject,
  args: TrainArguments,
  data: OpenedDataset,
  inputShape: readonly number[],
): Sequential {
  if (!args.normalize && args.dropout === 0) return network;
  if (kind === 'model') {
    throw badInput('a model keeps its layers', { where: name, remedy: 'leave out --normalize and --dropout' });
  }
  const { layers } = network;
  const first = args.normalize ? [normalization(withInputShape(data.train, inputShape), { per: 'element' })] : [];
  const dropped = args.dropout === 0 ? [] : [dropout({ rate: args.dropout })];
  return sequential([...first, ...layers.slice(0, -1), ...dropped, ...layers.slice(-1)]);
}
