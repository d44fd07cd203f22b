import { ACTIVATIONS, type ActivationName, dense, encodeModel, sequential } from '@rheobase/exporter';
import { nodeBackend } from '@rheobase/runtime-node';
import { describe, expect, it } from 'vitest';
import { tensorDataset } from '../data/index.js';
import { sparseCategoricalCrossentropy } from '../losses/index.js';
import { loadMnist } from '../node/index.js';
import { adam } from '../optimizers/index.js';
import { recipeNetwork } from '../recipe/index.js';
import { trainingLoop } from '../step/index.js';
import { type ActivationComparison, answerText, compareActivations, renderComparisonHtml } from './index.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
const digits = async (split: 'train' | 'test', count: number) => {
  const { images, labels } = await loadMnist(split, count);
  return tensorDataset(images, labels);
};
const data = { train: await digits('train', 640), test: await digits('test', 300) };
const network = recipeNetwork('mnist-mlp');
const base = { name: 'mnist-mlp', network, inputShape: [784], backend, ...data, epochs: 1, session: { threads: 1 } };
const fixed = (threshold: number) => ({ threshold, learnt: false });

describe('compareActivations', () => {
  it('trains every setting from the same seeds, best first', async () => {
    const seen: number[] = [];
    const comparison = await compareActivations({
      ...base,
      activations: ['relu', 'sigmoid'],
      thresholds: [fixed(0), fixed(0.5)],
      seeds: 2,
      onRun: ({ done }) => seen.push(done),
    });
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(comparison).toMatchObject({
      schema: 'rheobase/compare-activations@1',
      examples: 640,
      seeds: 2,
      failures: [],
    });
    const means = comparison.settings.map(({ test }) => test.mean);
    expect(means).toEqual(means.toSorted((a, b) => b - a));
    const relu = (threshold: number) =>
      comparison.settings.find((one) => one.activation === 'relu' && one.threshold === threshold);
    expect(relu(0.5)?.sparsity.mean).toBeGreaterThan(relu(0)?.sparsity.mean ?? 1);
    expect(relu(0)?.runs.map(({ seed }) => seed)).toEqual([0, 1]);
    expect(comparison.settings[0]).toMatchObject(comparison.best ?? {});
    const page = renderComparisonHtml(comparison);
    expect(page.match(/<circle cx="[\d.]+" cy="[\d.]+" r="4"/g)).toHaveLength(4);
    expect(page).not.toMatch(/NaN|undefined/);
  });

  it('a learnt θ moves; pulled, each is compared with plain ReLU under the same pull', async () => {
    const thresholds = [{ threshold: 0.2, learnt: true }];
    const comparison = await compareActivations({
      ...base,
      ...{ activations: ['relu'], thresholds, targetSparsity: 0.9, seeds: 2, epochs: 2 },
    });
    expect(comparison.settings).toHaveLength(3);
    const [pulled] = comparison.settings.filter(({ pulledTo, learnt }) => pulledTo === 0.9 && learnt);
    const [control] = comparison.settings.filter(({ pulledTo, learnt }) => pulledTo === 0.9 && !learnt);
    expect(control).toMatchObject({ activation: 'relu', threshold: 0, toControl: null });
    expect(pulled.toControl?.sparsity.mean).toBeCloseTo(pulled.sparsity.mean - control.sparsity.mean, 10);
    expect(pulled.runs[0].thetas.sparse_activation).toBeGreaterThan(0.2);
    expect(answerText(comparison)).toMatch(
      /relu, θ learnt from 0.2, pulled to 90 % silent, against plain ReLU with the same pull: accuracy/,
    );
  });

  it.each([
    [{ thresholds: [] }, 'no threshold to compare'],
    [{ thresholds: [fixed(Number.NaN)] }, 'the threshold NaN is not a number'],
    [{ activations: [] }, 'no activation to compare'],
    [{ seeds: 0 }, '0 seeds'],
    [{ targetSparsity: 1 }, 'a target of 1 silent neurons'],
    [{ network: sequential([dense(10)]) }, 'has no threshold layer to compare settings of'],
  ])('refuses %o', async (wrong, message) => {
    const options = { ...base, activations: ['relu'] as const, thresholds: [fixed(0)], ...wrong };
    await expect(compareActivations(options)).rejects.toThrow(message);
  });
});

/** A comparison whose means and intervals are made up, to see what is said of them. */
describe('the answer says no more than the intervals', () => {
  const about = (mean: number, half: number) => ({ mean, ciLow: mean - half, ciHigh: mean + half });
  const setting = (
    activation: 'relu' | 'tanh',
    threshold: number,
    test: number,
    toBest: number | null,
    silent: number,
  ) => ({
    ...{
      activation,
      threshold,
      learnt: false,
      pulledTo: null,
      test: about(test, 0.01),
      gap: about(0, 0),
      toControl: null,
    },
    ...{ sparsity: about(silent, 0.01), toBest: toBest === null ? null : about(test - 0.97, toBest), runs: [run, run] },
  });
  const run = {
    seed: 0,
    testAccuracy: 1,
    trainAccuracy: 1,
    testLoss: 0,
    trainLoss: 0,
    sparsity: 0,
    layers: {},
    thetas: {},
  };
  const comparison = (settings: ReturnType<typeof setting>[], good: number): ActivationComparison => ({
    ...{ schema: 'rheobase/compare-activations@1', network: 'n', backend: 'b', examples: 1, epochs: 1, seeds: 2 },
    ...{ metric: 'accuracy', settings, failures: [], best: settings[0], asGood: settings.slice(0, good) },
    sparsest: settings.slice(0, good).toSorted((a, b) => b.sparsity.mean - a.sparsity.mean)[0],
  });

  it.each([
    [
      [setting('relu', 0, 0.97, null, 0.5), setting('tanh', 0.2, 0.96, 0.02, 0.6)],
      2,
      /None of the other 1 can be told from it.*Most silent of those as good: tanh, θ = 0.2, 60.00 %/,
    ],
    [
      [setting('relu', 0, 0.97, null, 0.5), setting('tanh', 0.2, 0.9, 0.02, 0.6)],
      1,
      /It is better than each of the other 1 beyond the interval. No setting that is as good has more silent neurons: 50.00 %/,
    ],
    [
      [setting('relu', 0, 0.97, null, 0.5), setting('relu', 0.2, 0.965, 0.02, 0.6), setting('tanh', 0, 0.9, 0.02, 0.1)],
      2,
      /better than the other one beyond the interval, but not told from 1; what remains: f relu; any θ\./,
    ],
  ])('%#', (settings, good, sentence) => {
    expect(answerText(comparison(settings, good))).toMatch(sentence);
  });
});

describe.each([0, 0.2])('a training graph at θ = %s', (threshold) => {
  // Gradients of elu and its kin ask for the mask that relu's asks for: shared, it must still be one value.
  it.each(Object.keys(ACTIVATIONS) as ActivationName[])('can be built of %s', (activation) => {
    const network = recipeNetwork('mnist-mlp', { activation, threshold }).build({ inputShape: [784] });
    const loop = trainingLoop(network, { loss: sparseCategoricalCrossentropy(), optimizer: adam(), batch: 4 });
    expect(encodeModel(loop).length).toBeGreaterThan(0);
  });
});
