/**
 * `npm run claims -w packages/trainer [-- --images N --epochs N --seeds N --recipe NAME]`: does threshold activation lower
 * operations, generalise better, use less memory? The same network with plain ReLU, with a fixed θ, with a learnt θ and
 * with a learnt θ pulled to silence, from the same seeds; figures are means with 95 % intervals.
 */
import { parseArgs } from 'node:util';
import { type Network, random, type Tensor } from '@rheobase/exporter';
import { nodeBackend } from '@rheobase/runtime-node';
import {
  evaluate,
  type LabelledImages,
  type MeanInterval,
  meanInterval,
  recipeNetwork,
  recipeOf,
  sparseCategoricalCrossentropy,
  type TrainRecipeOptions,
  tensorDataset,
  trainRecipe,
} from '@rheobase/trainer';
import { loadMnist } from '@rheobase/trainer/node';

/** The second is the control: the same pull to silence on plain ReLU, so that its effect is not taken for that of θ. */
const VARIANTS = {
  'ReLU (θ = 0)': { threshold: 0 },
  'ReLU, pulled to 90 % silent': { threshold: 0, sparsity: { target: { sparsity: 0.9 } } },
  'θ = 0.2': { threshold: 0.2 },
  'θ learnt': { threshold: 0.2, learnThreshold: true },
  'θ learnt, pulled to 90 % silent': { threshold: 0.2, learnThreshold: true, sparsity: { target: { sparsity: 0.9 } } },
} satisfies Record<string, Partial<TrainRecipeOptions>>;

/** Standard deviation of the noise on pixels, which go from 0 to 1. */
const NOISE = 0.3;

interface Measured {
  readonly test: number;
  readonly gap: number;
  readonly noisy: number;
  readonly silent: number;
  /** Multiplications of an image when only neurons that fired are multiplied with their weights, as a share of all; of a single
   * image each weight that is multiplied is read once, so it is the share of weight bytes as well. */
  readonly operations: number;
}

const { values } = parseArgs({
  options: {
    recipe: { type: 'string', default: 'mnist-mlp' },
    images: { type: 'string', default: '1000' },
    epochs: { type: 'string', default: '20' },
    seeds: { type: 'string', default: '5' },
  },
});
const [images, epochs, seeds] = [values.images, values.epochs, values.seeds].map(Number);
const backend = nodeBackend('node/cpu', { isolation: 'none' });
const train = await loadMnist('train', images);
const test = await loadMnist('test');
const noisyTest = withNoise(test);

const runs = new Map<string, Measured[]>(Object.keys(VARIANTS).map((name) => [name, []]));
for (let seed = 0; seed < seeds; seed += 1) {
  for (const [name, variant] of Object.entries(VARIANTS)) {
    process.stderr.write(`seed ${seed}: ${name}\n`);
    runs.get(name)?.push(await measure(variant, seed));
  }
}

console.log(
  `${values.recipe}, ${images} training images, ${epochs} epochs, batch 32, ${seeds} seeds, noise ${NOISE}\n`,
);
console.log('| | test accuracy | train − test | accuracy under noise | silent | operations, weight bytes |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const [name, own] of runs) {
  const of = (key: keyof Measured) => text(meanInterval(own.map((run) => run[key])));
  console.log(`| ${name} | ${(['test', 'gap', 'noisy', 'silent', 'operations'] as const).map(of).join(' | ')} |`);
}
const [[, plain], ...others] = runs;
console.log('\nTest accuracy and gap against ReLU, seed by seed:');
for (const [name, own] of others) {
  const difference = (key: keyof Measured) => text(meanInterval(own.map((run, seed) => run[key] - plain[seed][key])));
  console.log(
    `- ${name}: accuracy ${difference('test')}, under noise ${difference('noisy')}, gap ${difference('gap')}`,
  );
}

async function measure(variant: Partial<TrainRecipeOptions>, seed: number): Promise<Measured> {
  const { log, result } = await trainRecipe(values.recipe, {
    ...{ backend, train, test, epochs, seed, session: { threads: 1 } },
    ...variant,
  });
  const network = recipeNetwork(values.recipe, variant).build(recipeOf(values.recipe));
  const loss = sparseCategoricalCrossentropy();
  const noisy = await evaluate(network, tensorDataset(noisyTest.images, noisyTest.labels), {
    ...{ backend, loss, parameters: result.parameters },
  });
  const layers = Object.values(log.sparsity);
  const accuracy = log.test.accuracy ?? Number.NaN;
  return {
    test: accuracy,
    gap: (log.train.accuracy ?? Number.NaN) - accuracy,
    noisy: noisy.accuracy ?? Number.NaN,
    silent: layers.reduce((sum, share) => sum + share, 0) / layers.length,
    operations: executedShare(network, layers),
  };
}

/** Dense layers in order: the first reads pixels, each later one what a threshold layer left active. */
function executedShare({ parameters }: Network, silent: readonly number[]): number {
  const kernels = parameters.filter(({ shape, name }) => shape.length === 2 && name.endsWith('/kernel'));
  const sizes = kernels.map(({ shape: [from = 0, to = 0] }) => from * to);
  const executed = sizes.map((size, at) => size * (at === 0 ? 1 : 1 - (silent[at - 1] ?? 0)));
  const sum = (list: readonly number[]) => list.reduce((total, one) => total + one, 0);
  return sum(executed) / sum(sizes);
}

/** The same noise for every network: normal, by the Box–Muller transform. */
function withNoise({ images: clean, labels }: LabelledImages): LabelledImages {
  const { uniform } = random(0, 'noise');
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const noisy: Tensor<'float32'> = { ...clean, data: clean.data.map((pixel) => pixel + NOISE * normal()) };
  return { images: noisy, labels };
}

function text({ mean, ciLow, ciHigh }: MeanInterval): string {
  const percent = (share: number) => (share * 100).toFixed(2);
  return ciLow === null || ciHigh === null ? `${percent(mean)} %` : `${percent(mean)} % ± ${percent(ciHigh - mean)}`;
}
