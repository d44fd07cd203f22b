/** `rheobase compare-activations`: trains one network with each f and each θ over several seeds: which f, which θ? */
import { ACTIVATIONS, type ActivationName, badInput, RECIPES } from '@rheobase/exporter';
import type { BackendId } from '@rheobase/runtime';
import {
  type ActivationComparison,
  answerText,
  compareActivations,
  type Dataset,
  type LossName,
  type MeanInterval,
  metricText,
  renderComparisonHtml,
  settingText,
  shareText,
  subset,
  type ThresholdChoice,
  thetaText,
} from '@rheobase/trainer';
import type { OpenedDataset } from '@rheobase/trainer/node';
import type { Argv, CommandModule } from 'yargs';
import { createBackend } from '../backends.js';
import type { CommandOutcome } from '../main.js';
import { DATA_OPTIONS, type DataArguments, openData } from '../options/data.js';
import { requirePositive } from '../options/numbers.js';
import { TRAINING_OPTIONS } from '../options/training.js';
import { requireWritable, writeOutput } from '../output.js';
import { interruption } from '../terminal/interruption.js';
import { progressDisplay } from '../terminal/progress.js';
import { table } from '../terminal/table.js';
import { readSubject } from '../training/subject.js';

interface CompareArguments extends DataArguments {
  source?: string;
  recipe?: string;
  activations: string;
  thresholds: string;
  'target-sparsity'?: number;
  seeds: number;
  test?: string;
  'test-split'?: number;
  images?: number;
  'test-images'?: number;
  epochs: number;
  batch: number;
  loss: LossName | 'auto';
  backend: BackendId;
  json?: string;
  html?: string;
}

export function compareActivationsCommand(_outcome: CommandOutcome): CommandModule<object, CompareArguments> {
  return {
    command: 'compare-activations [source]',
    describe: 'Train one network with each f and each θ: which is best?',
    builder,
    handler: run,
  };
}

function builder(yargs: Argv): Argv<CompareArguments> {
  return yargs
    .positional('source', {
      type: 'string',
      describe: `The network: a recipe (${Object.keys(RECIPES).join(', ')}; default mnist-mlp), or a module whose default export is layers`,
    })
    .option('recipe', { type: 'string', describe: 'The same, as an option' })
    .option('activations', {
      type: 'string',
      default: 'relu,sigmoid,tanh,swish',
      describe: `f, separated by commas: ${Object.keys(ACTIVATIONS).join(', ')}`,
    })
    .option('thresholds', {
      type: 'string',
      default: '0,0.1,0.2,0.5',
      describe: 'θ, separated by commas; learnt (from 0.2) or learnt:0.1 is one for each neuron, trained',
    })
    .option('target-sparsity', {
      type: 'number',
      describe:
        'Train every setting once more, pulled to this share of silent neurons; plain ReLU so pulled is the control',
    })
    .option('seeds', { type: 'number', default: 5, describe: 'Trainings of each setting' })
    .options(DATA_OPTIONS)
    .option('test', { type: 'string', describe: 'Data to test on, of any of these kinds' })
    .option('test-split', {
      type: 'number',
      describe: 'Share of the data drawn for testing; default 0.1 where there is no test data',
    })
    .option('images', { alias: 'limit', type: 'number', describe: 'Train on so many examples; default all' })
    .option('test-images', { type: 'number', describe: 'Test on so many examples; default all' })
    .option('epochs', { type: 'number', default: 5, describe: 'Passes over the data' })
    .option('batch', { type: 'number', default: 32, describe: 'Examples per step' })
    .option('loss', TRAINING_OPTIONS.loss)
    .option('backend', { type: 'string', default: 'node/cpu', describe: 'Where to train' })
    .option('json', { type: 'string', describe: 'Write the comparison to this file (- for standard output)' })
    .option('html', { type: 'string', describe: 'Write a page with the table and accuracy against sparsity' })
    .example('$0 compare-activations --images 5000 --html which.html', 'A first answer in a few minutes')
    .example(
      '$0 compare-activations --activations relu --thresholds 0,0.1,0.2,learnt --seeds 10',
      'Is θ worth learning?',
    )
    .example(
      '$0 compare-activations --activations relu --thresholds learnt --target-sparsity 0.9',
      'What θ adds to a pull that plain ReLU can have as well',
    )
    .example('$0 compare-activations layers.mjs --data iris.csv --test-split 0.3', 'Layers and data of one’s own')
    .epilogue(
      'The recipes’ dense layers end in relu, so above θ ≥ 0 relu, leakyRelu, elu and identity are one function. Ctrl-C ends with the runs that are done.',
    );
}

async function run(args: CompareArguments): Promise<void> {
  const { seeds, epochs, batch, loss, 'target-sparsity': target } = args;
  for (const option of ['epochs', 'batch', 'seeds'] as const) requirePositive(option, args[option]);
  for (const option of ['images', 'test-images'] as const) {
    const count = args[option];
    if (count !== undefined) requirePositive(option, count);
  }
  const activations = parseActivations(args.activations);
  const thresholds = parseThresholds(args.thresholds);
  requireWritable(args.json, args.html);
  const subject = await readSubject(sourceOf(args), {});
  if (subject.kind === 'model') {
    throw badInput('an ONNX model keeps its activations', {
      where: subject.name,
      remedy: 'give a recipe, or a module whose default export is layers',
    });
  }
  const data = await openData(args, {
    ...(args.test === undefined ? {} : { test: args.test }),
    ...(args['test-split'] === undefined ? {} : { testSplit: args['test-split'] }),
    ...(args.images === undefined ? {} : { limit: args.images }),
  });
  const test = tested(data, args['test-images']);
  const backend = createBackend(args.backend);
  const progress = progressDisplay();
  const stop = interruption();
  try {
    const comparison = await compareActivations({
      ...{ name: subject.name, network: subject.network, backend, train: data.train, test },
      ...{ activations, thresholds, seeds, epochs, batchSize: batch, loss },
      ...(target === undefined ? {} : { targetSparsity: target }),
      inputShape: subject.inputShape(data.train.x.shape),
      signal: stop.signal,
      onRun: ({ done, total, setting }) =>
        progress.update(done / total, `${done} of ${total}: ${settingText(setting)}`),
    });
    progress.stop();
    await writeOutput(args.json, () => `${JSON.stringify(comparison, null, 2)}\n`);
    await writeOutput(args.html, () => renderComparisonHtml(comparison));
    if (args.json !== '-' && args.html !== '-') process.stdout.write(render(comparison));
  } finally {
    progress.stop();
    stop.end();
    await backend.close();
  }
}

function sourceOf({ source, recipe }: CompareArguments): string {
  if (source !== undefined && recipe !== undefined && source !== recipe) {
    throw badInput(`the network is given twice: ${source} and --recipe ${recipe}`, { remedy: 'leave one of them out' });
  }
  return source ?? recipe ?? 'mnist-mlp';
}

/** What settings are judged by. */
function tested({ test, name }: OpenedDataset, most: number | undefined): Dataset {
  if (test === undefined) {
    throw badInput('there is nothing to test on', { where: name, remedy: 'give --test or a --test-split above 0' });
  }
  if (most === undefined || most >= test.count) return test;
  return subset(
    test,
    Uint32Array.from({ length: most }, (_, at) => at),
  );
}

function parseActivations(text: string): ActivationName[] {
  return parts('activations', text).map((name) => {
    if (Object.hasOwn(ACTIVATIONS, name)) return name as ActivationName;
    throw badInput(`no activation is called ${JSON.stringify(name)}`, {
      where: '--activations',
      remedy: `choose of ${Object.keys(ACTIVATIONS).join(', ')}`,
    });
  });
}

/** Where a learnt θ begins unless another number is given. */
const LEARNT_FROM = 0.2;

function parseThresholds(text: string): ThresholdChoice[] {
  return parts('thresholds', text).map((part) => {
    const [, learnt, start] = /^(learnt|learned)(?::(.+))?$/.exec(part) ?? [];
    const threshold = learnt === undefined ? Number(part) : Number(start ?? LEARNT_FROM);
    if (Number.isFinite(threshold)) return { threshold, learnt: learnt !== undefined };
    throw badInput(`takes numbers and learnt, separated by commas, got ${JSON.stringify(part)}`, {
      where: '--thresholds',
    });
  });
}

/** What stands between commas, each once. */
function parts(option: string, text: string): string[] {
  const found = text.split(',').map((part) => part.trim());
  if (found.includes('')) throw badInput(`has an empty entry: ${JSON.stringify(text)}`, { where: `--${option}` });
  return [...new Set(found)];
}

function render(comparison: ActivationComparison): string {
  const metric = (interval: MeanInterval) => metricText(comparison, interval);
  const isPulled = comparison.settings.some(({ pulledTo }) => pulledTo !== null);
  const rows = comparison.settings.map((setting) => {
    const { activation, pulledTo, test, gap, sparsity, toBest } = setting;
    return [
      ...[activation, thetaText(setting).replace('= ', '')],
      ...(isPulled ? [pulledTo === null ? '' : `${pulledTo * 100} %`] : []),
      ...[metric(test), metric(gap), shareText(sparsity), toBest === null ? 'the best' : metric(toBest)],
    ];
  });
  const broken = comparison.failures.map((one) => `broke: ${settingText(one)}, seed ${one.seed}: ${one.reason}\n`);
  const head = ['f', 'θ', ...(isPulled ? ['pulled to'] : []), `test ${comparison.metric}`, 'train − test', 'silent'];
  return [table([...head, 'to the best'], rows), ...broken, `\n${answerText(comparison)}\n`].join('');
}
