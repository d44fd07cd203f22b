/** `rheobase compare-activations`: trains one network with each f and each θ over several seeds: which f, which θ? */
import { ACTIVATIONS, type ActivationName, badInput, RECIPES } from '@rheobase/exporter';
import type { BackendId } from '@rheobase/runtime';
import {
  type ActivationComparison,
  answerText,
  compareActivations,
  renderComparisonHtml,
  shareText,
} from '@rheobase/trainer';
import { loadMnist } from '@rheobase/trainer/node';
import type { Argv, CommandModule } from 'yargs';
import { createBackend } from '../backends.js';
import type { CommandOutcome } from '../main.js';
import { requirePositive } from '../options/numbers.js';
import { requireWritable, writeOutput } from '../output.js';
import { progressDisplay } from '../terminal/progress.js';
import { table } from '../terminal/table.js';

interface CompareArguments {
  recipe: string;
  activations: string;
  thresholds: string;
  seeds: number;
  images?: number;
  'test-images'?: number;
  epochs: number;
  batch: number;
  backend: BackendId;
  json?: string;
  html?: string;
}

export function compareActivationsCommand(_outcome: CommandOutcome): CommandModule<object, CompareArguments> {
  return {
    command: 'compare-activations',
    describe: 'Train one network with each f and each θ: which is best?',
    builder,
    handler: run,
  };
}

function builder(yargs: Argv): Argv<CompareArguments> {
  return yargs
    .option('recipe', {
      type: 'string',
      default: 'mnist-mlp',
      describe: `The network: ${Object.keys(RECIPES).join(', ')}`,
    })
    .option('activations', {
      type: 'string',
      default: 'relu,sigmoid,tanh,swish',
      describe: `f, separated by commas: ${Object.keys(ACTIVATIONS).join(', ')}`,
    })
    .option('thresholds', { type: 'string', default: '0,0.1,0.2,0.5', describe: 'θ, separated by commas' })
    .option('seeds', { type: 'number', default: 5, describe: 'Trainings of each setting' })
    .option('images', { type: 'number', describe: 'Train on so many images; default all' })
    .option('test-images', { type: 'number', describe: 'Test on so many images; default all' })
    .option('epochs', { type: 'number', default: 5, describe: 'Passes over the data' })
    .option('batch', { type: 'number', default: 32, describe: 'Examples per step' })
    .option('backend', { type: 'string', default: 'node/cpu', describe: 'Where to train' })
    .option('json', { type: 'string', describe: 'Write the comparison to this file (- for standard output)' })
    .option('html', { type: 'string', describe: 'Write a page with the table and accuracy against sparsity' })
    .example('$0 compare-activations --images 5000 --html which.html', 'A first answer in a few minutes')
    .example('$0 compare-activations --activations relu,tanh --thresholds 0,0.2 --seeds 10', 'Four settings, narrower')
    .epilogue(
      'The recipes’ dense layers end in relu, so above θ ≥ 0 relu, leakyRelu, elu and identity are one function. Ctrl-C ends with the runs that are done.',
    );
}

async function run(args: CompareArguments): Promise<void> {
  for (const option of ['epochs', 'batch', 'seeds'] as const) requirePositive(option, args[option]);
  const activations = parseActivations(args.activations);
  const thresholds = parseThresholds(args.thresholds);
  requireWritable(args.json, args.html);
  const [train, test] = await Promise.all([loadMnist('train', args.images), loadMnist('test', args['test-images'])]);
  const backend = createBackend(args.backend);
  const progress = progressDisplay();
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const { recipe, seeds, epochs, batch } = args;
    const comparison = await compareActivations({
      ...{ recipe, backend, train, test, activations, thresholds, seeds, epochs, batchSize: batch },
      signal: stop.signal,
      onRun: ({ done, total, setting }) =>
        progress.update(done / total, `${done} of ${total}: ${setting.activation}, θ = ${setting.threshold}`),
    });
    progress.stop();
    await writeOutput(args.json, () => `${JSON.stringify(comparison, null, 2)}\n`);
    await writeOutput(args.html, () => renderComparisonHtml(comparison));
    if (args.json !== '-' && args.html !== '-') process.stdout.write(render(comparison));
  } finally {
    progress.stop();
    process.removeListener('SIGINT', onInterrupt);
    await backend.close();
  }
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

function parseThresholds(text: string): number[] {
  return parts('thresholds', text).map((part) => {
    const value = Number(part);
    if (Number.isFinite(value)) return value;
    throw badInput(`takes numbers separated by commas, got ${JSON.stringify(part)}`, { where: '--thresholds' });
  });
}

/** What stands between commas, each once. */
function parts(option: string, text: string): string[] {
  const found = text.split(',').map((part) => part.trim());
  if (found.includes('')) throw badInput(`has an empty entry: ${JSON.stringify(text)}`, { where: `--${option}` });
  return [...new Set(found)];
}

function render(comparison: ActivationComparison): string {
  const rows = comparison.settings.map(({ activation, threshold, testAccuracy, gap, sparsity, toBest }) => [
    activation,
    String(threshold),
    ...[testAccuracy, gap, sparsity].map(shareText),
    toBest === null ? 'the best' : shareText(toBest),
  ]);
  const { failures } = comparison;
  const broken = failures.map(
    ({ activation, threshold, seed, reason }) => `broke: ${activation}, θ = ${threshold}, seed ${seed}: ${reason}\n`,
  );
  return [
    table(['f', 'θ', 'test accuracy', 'train − test', 'silent', 'to the best'], rows),
    ...broken,
    `\n${answerText(comparison)}\n`,
  ].join('');
}
