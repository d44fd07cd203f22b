/** `rheobase train`: trains a recipe on MNIST, on any backend, and writes the trained model. */
import { ACTIVATIONS, type ActivationName, badInput, RECIPES } from '@rheobase/exporter';
import { writeModelFile } from '@rheobase/exporter/node';
import type { BackendId } from '@rheobase/runtime';
import { type TrainLog, trainRecipe } from '@rheobase/trainer';
import { checkpointFile, loadMnist } from '@rheobase/trainer/node';
import type { Argv, CommandModule } from 'yargs';
import { createBackend } from '../backends.js';
import type { CommandOutcome } from '../main.js';
import { requirePositive } from '../options/numbers.js';
import { requireWritable, writeOutput } from '../output.js';
import { table } from '../terminal/table.js';
import { trainProgress } from '../terminal/train-progress.js';

interface TrainArguments {
  recipe: string;
  data: string;
  epochs: number;
  batch: number;
  'learning-rate': number;
  backend: BackendId;
  activation: ActivationName;
  threshold: number;
  'learn-threshold': boolean;
  images?: number;
  seed: number;
  out?: string;
  checkpoint?: string;
  json?: string;
}

export function trainCommand(_outcome: CommandOutcome): CommandModule<object, TrainArguments> {
  return {
    command: 'train <recipe>',
    describe: 'Train a network as an ONNX graph, on any backend',
    builder,
    handler: run,
  };
}

function builder(yargs: Argv): Argv<TrainArguments> {
  return yargs
    .positional('recipe', { type: 'string', demandOption: true, describe: `One of ${Object.keys(RECIPES).join(', ')}` })
    .option('data', { type: 'string', default: 'mnist', describe: 'Training and test data: mnist' })
    .option('epochs', { type: 'number', default: 10, describe: 'Passes over the data' })
    .option('batch', { type: 'number', default: 32, describe: 'Examples per step' })
    .option('learning-rate', { type: 'number', default: 0.001, describe: 'Of Adam' })
    .option('backend', { type: 'string', default: 'node/cpu', describe: 'Where to train' })
    .option('activation', {
      choices: Object.keys(ACTIVATIONS) as ActivationName[],
      default: 'relu' as const,
      describe: 'f of the threshold activation',
    })
    .option('threshold', { type: 'number', default: 0.2, describe: 'θ, or where it starts when it is learnt' })
    .option('learn-threshold', { type: 'boolean', default: false, describe: 'Train θ too, one per neuron' })
    .option('images', { type: 'number', describe: 'Train on so many images; default all' })
    .option('seed', { type: 'number', default: 0, describe: 'Seed of weights and order' })
    .option('out', { alias: 'o', type: 'string', describe: 'Write the trained model to this ONNX file' })
    .option('checkpoint', {
      type: 'string',
      describe: 'Write the state to this file after every epoch, and go on from it if it is there',
    })
    .option('json', { type: 'string', describe: 'Write the log to this file (- for standard output)' })
    .example('$0 train mnist-mlp -o digits.onnx', 'The seed recipe: ten epochs on all of MNIST')
    .example(
      '$0 train mnist-mlp --backend chromium/webgpu --epochs 1 --json log.json',
      'The same graph on another backend',
    )
    .epilogue('Ctrl-C ends training after the steps under way; with --checkpoint the same command goes on from there.');
}

async function run(args: TrainArguments): Promise<void> {
  if (args.data !== 'mnist')
    throw badInput(`unknown data ${JSON.stringify(args.data)}`, { where: '--data', remedy: 'give mnist' });
  for (const option of ['epochs', 'batch', 'learning-rate'] as const) requirePositive(option, args[option]);
  requireWritable(args.out, args.json, args.checkpoint);
  const [train, test] = await Promise.all([loadMnist('train', args.images), loadMnist('test')]);

  const backend = createBackend(args.backend);
  // Evaluated on node/cpu whatever trains, so that logs of different backends speak of the same thing.
  const evaluateOn = createBackend('node/cpu');
  const progress = trainProgress(args.epochs);
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const { log, result } = await trainRecipe(args.recipe, {
      backend,
      evaluateOn,
      train,
      test,
      activation: args.activation,
      threshold: args.threshold,
      learnThreshold: args['learn-threshold'],
      learningRate: args['learning-rate'],
      epochs: args.epochs,
      batchSize: args.batch,
      seed: args.seed,
      signal: stop.signal,
      ...(args.checkpoint === undefined ? {} : { checkpoint: { store: checkpointFile(args.checkpoint) } }),
      onEvent: progress.onEvent,
    });
    progress.stop();
    if (args.out !== undefined)
      await writeModelFile(args.out, result.toModel({ inputName: 'x', outputName: 'probabilities' }));
    await writeOutput(args.json, () => `${JSON.stringify(log, null, 2)}\n`);
    if (args.json !== '-') process.stdout.write(render(log, result.ended));
  } finally {
    progress.stop();
    process.removeListener('SIGINT', onInterrupt);
    await Promise.all([backend.close(), evaluateOn.close()]);
  }
}

function render({ recipe, backend, epochs, train, test, sparsity, msPerStep }: TrainLog, ended: string): string {
  const rows = epochs.map(({ epoch, loss, accuracy, seconds }) => [
    String(epoch),
    loss.toFixed(4),
    percent(accuracy),
    seconds.toFixed(1),
  ]);
  const silent = Object.entries(sparsity).map(([layer, share]) => `${layer} ${percent(share)}`);
  const gap = train.accuracy === null || test.accuracy === null ? null : train.accuracy - test.accuracy;
  return [
    table(['epoch', 'loss', 'accuracy', 's'], rows),
    `${recipe} on ${backend}: ${ended}, ${msPerStep.toFixed(2)} ms a step`,
    `test accuracy ${percent(test.accuracy)}, loss ${test.loss.toFixed(4)}; train accuracy ${percent(train.accuracy)}; gap ${percent(gap)}`,
    `silent on the test images: ${silent.join(', ') || 'no threshold layer'}`,
    '',
  ].join('\n');
}

function percent(share: number | null): string {
  return share === null ? '—' : `${(share * 100).toFixed(2)} %`;
}
