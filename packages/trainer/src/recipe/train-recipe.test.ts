import { nodeBackend } from '@rheobase/runtime-node';
import { describe, expect, it } from 'vitest';
import type { LabelledImages } from '../data/index.js';
import { loadMnist } from '../node/index.js';
import { trainRecipe } from './index.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
const digits = async (train: number): Promise<{ train: LabelledImages; test: LabelledImages }> => ({
  train: await loadMnist('train', train),
  test: await loadMnist('test', 500),
});

describe('trainRecipe', () => {
  it('mnist-mlp learns one threshold for each neuron', async () => {
    const options = { backend, ...(await digits(1600)), epochs: 2, learnThreshold: true, session: { threads: 1 } };
    const { log } = await trainRecipe('mnist-mlp', options);
    expect(log).toMatchObject({ schema: 'rheobase/train@1', recipe: 'mnist-mlp', backend: 'node/cpu', seed: 0 });
    expect(log.test.accuracy).toBeGreaterThan(0.75);
    const thetas = log.thetas.sparse_activation as number[];
    expect(thetas).toHaveLength(128);
    expect(new Set(thetas).size).toBeGreaterThan(64);
  });

  it('mnist-cnn learns, through convolutions and pooling', async () => {
    const { log } = await trainRecipe('mnist-cnn', {
      backend,
      ...(await digits(1600)),
      epochs: 1,
      session: { threads: 1 },
    });
    expect(log.test.accuracy).toBeGreaterThan(0.7);
    expect(Object.keys(log.sparsity)).toEqual(['sparse_activation', 'sparse_activation_2', 'sparse_activation_3']);
  });

  it('refuses a name that is no recipe', async () => {
    await expect(trainRecipe('toString', { backend, ...(await digits(1)) })).rejects.toThrow(
      'no recipe is called "toString"',
    );
  });
});
