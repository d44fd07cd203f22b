import { ACTIVATIONS, type ActivationName, encodeModel } from '@rheobase/exporter';
import { nodeBackend } from '@rheobase/runtime-node';
import { describe, expect, it } from 'vitest';
import { sparseCategoricalCrossentropy } from '../losses/index.js';
import { loadMnist } from '../node/index.js';
import { adam } from '../optimizers/index.js';
import { recipeNetwork } from '../recipe/index.js';
import { trainingLoop } from '../step/index.js';
import { compareActivations, renderComparisonHtml } from './index.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
const data = { train: await loadMnist('train', 640), test: await loadMnist('test', 300) };
const base = { recipe: 'mnist-mlp', backend, ...data, epochs: 1, session: { threads: 1 } };

describe('compareActivations', () => {
  it('trains every setting from the same seeds, best first', async () => {
    const seen: number[] = [];
    const comparison = await compareActivations({
      ...base,
      activations: ['relu', 'sigmoid'],
      thresholds: [0, 0.5],
      seeds: 2,
      onRun: ({ done }) => seen.push(done),
    });
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(comparison).toMatchObject({ schema: 'rheobase/compare-activations@1', images: 640, seeds: 2, failures: [] });
    const means = comparison.settings.map(({ testAccuracy }) => testAccuracy.mean);
    expect(means).toEqual(means.toSorted((a, b) => b - a));
    const relu = (threshold: number) =>
      comparison.settings.find((one) => one.activation === 'relu' && one.threshold === threshold);
    expect(relu(0.5)?.sparsity.mean).toBeGreaterThan(relu(0)?.sparsity.mean ?? 1);
    expect(relu(0)?.runs.map(({ seed }) => seed)).toEqual([0, 1]);
    expect(comparison.best).toEqual({
      activation: comparison.settings[0].activation,
      threshold: comparison.settings[0].threshold,
    });
    const page = renderComparisonHtml(comparison);
    expect(page.match(/<circle cx="[\d.]+" cy="[\d.]+" r="4"/g)).toHaveLength(4);
    expect(page).not.toMatch(/NaN|undefined/);
  });

  it.each([
    [{ thresholds: [] }, 'no threshold to compare'],
    [{ thresholds: [Number.NaN] }, 'the threshold NaN is not a number'],
    [{ activations: [] }, 'no activation to compare'],
    [{ seeds: 0 }, '0 seeds'],
    [{ recipe: 'none' }, 'no recipe is called "none"'],
  ])('refuses %o', async (wrong, message) => {
    const options = { ...base, activations: ['relu'] as const, thresholds: [0], ...wrong };
    await expect(compareActivations(options)).rejects.toThrow(message);
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
