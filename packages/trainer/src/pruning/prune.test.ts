import { dense, random, sequential, type Tensor } from '@rheobase/exporter';
import { nodeBackend } from '@rheobase/runtime-node';
import { describe, expect, it } from 'vitest';
import { tensorDataset } from '../data/index.js';
import { type CheckpointStore, type FitEvent, fit } from '../fit/index.js';
import { meanSquaredError } from '../losses/index.js';
import { adam, adamW, sgd } from '../optimizers/index.js';
import { magnitudeMasks, type PruningRound, prune, type Weights, weightSparsity } from './index.js';

const tensor = (shape: readonly number[], ...data: number[]): Tensor<'float32'> => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});
const weights: Weights = {
  a: tensor([2, 2], 0.1, -5, 0.3, 4),
  bias: tensor([2], 0, 0.01),
  b: tensor([4, 1], 0.2, -0.05, 1, -2),
};
const listed = (masks: Weights) =>
  Object.fromEntries(Object.entries(masks).map(([name, { data }]) => [name, [...data]]));

describe('magnitudeMasks', () => {
  it.each<[string, number, 'global' | 'layer', Record<string, number[]>]>([
    ['of all weights', 0.5, 'global', { a: [0, 1, 0, 1], b: [0, 0, 1, 1] }],
    ['of each layer', 0.25, 'layer', { a: [0, 1, 1, 1], b: [1, 0, 1, 1] }],
    ['none', 0, 'global', { a: [1, 1, 1, 1], b: [1, 1, 1, 1] }],
  ])('the smallest %s go, biases stay', (_name, share, scope, expected) => {
    expect(listed(magnitudeMasks(weights, share, scope))).toEqual(expected);
  });

  it('what is gone stays gone; of equal ones only as many as asked go', () => {
    const former = { a: tensor([2, 2], 1, 0, 1, 1) };
    expect(listed(magnitudeMasks({ a: weights.a }, 0.5, 'global', former))).toEqual({ a: [0, 0, 1, 1] });
    expect(listed(magnitudeMasks({ a: tensor([2, 2], 1, 1, 1, 1) }, 0.5, 'global'))).toEqual({ a: [0, 0, 1, 1] });
  });

  it('refuses a share of everything, and a network without weights', () => {
    expect(() => magnitudeMasks(weights, 1, 'global')).toThrow('a share of 1 to prune');
    expect(() => magnitudeMasks({ bias: weights.bias }, 0.5, 'global')).toThrow('there are no weights to prune');
  });
});

/** Keeps a checkpoint in memory. */
function memoryStore(): CheckpointStore {
  let kept: Uint8Array | undefined;
  return {
    name: 'memory',
    load: async () => kept,
    save: async (bytes) => {
      kept = bytes;
    },
  };
}

/** A signal that comes after so many runs of steps. */
function stopAfter(runs: number) {
  const stop = new AbortController();
  let seen = 0;
  const onEvent = ({ kind }: FitEvent) => {
    if (kind === 'steps') seen += 1;
    if (seen === runs) stop.abort();
  };
  return { signal: stop.signal, onEvent };
}

describe('prune', () => {
  const { uniform } = random(9);
  const x = Float32Array.from({ length: 200 * 6 }, () => uniform() * 2 - 1);
  // Only two of six inputs matter.
  const y = Float32Array.from({ length: 200 }, (_, row) => x[row * 6] - 2 * x[row * 6 + 3]);
  const data = tensorDataset(tensor([200, 6], ...x), tensor([200, 1], ...y));
  const model = sequential([dense(1)]);
  const backend = nodeBackend('node/cpu', { isolation: 'none' });
  const base = { backend, loss: meanSquaredError(), epochs: 20, learningRate: 0.05, session: { threads: 1 } };

  it('finds the weights that matter, and leaves the others exactly zero', async () => {
    const rounds: number[] = [];
    const options = { ...base, optimizer: adam() };
    const pruned = await prune(model, data, options, {
      share: 2 / 3,
      rounds: 2,
      rewind: 3,
      onRound: ({ share }) => rounds.push(share),
    });
    const kernel = [...pruned.parameters['dense/kernel'].data];
    expect(kernel.map((value) => Object.is(value, 0)).filter((isZero) => isZero)).toHaveLength(4);
    expect(kernel[0]).not.toBe(0);
    expect(kernel[3]).toBeCloseTo(-2, 1);
    expect(weightSparsity(pruned.parameters).sparsity).toBeCloseTo(2 / 3, 6);
    expect(rounds[0]).toBeCloseTo(1 - Math.sqrt(1 / 3), 6);
    expect(rounds[1]).toBeCloseTo(2 / 3, 6);
  }, 60_000);

  it.each([
    ['sgd with momentum', sgd({ momentum: 0.9, weightDecay: 0.1 })],
    ['adamW', adamW({ weightDecay: 0.1 })],
  ])(
    'masks hold under %s, whose state moves on',
    async (_name, optimizer) => {
      const masks = { 'dense/kernel': tensor([6, 1], 1, 0, 1, 0, 1, 0) };
      const { parameters } = await fit(model, data, { ...base, optimizer, epochs: 2, masks });
      const kernel = parameters['dense/kernel'].data;
      expect([kernel[1], kernel[3], kernel[5]]).toEqual([0, 0, 0]);
      expect(kernel[0]).not.toBe(0);
    },
    60_000,
  );

  it('stopped anywhere and resumed it ends with the same bits', async () => {
    const options = { ...base, epochs: 4, batchSize: 20, stepsPerRun: 4, optimizer: adam() };
    const pruning = { share: 2 / 3, rounds: 2, rewind: 3 };
    const whole = await prune(model, data, options, pruning);
    // 4 epochs of 10 steps are 12 runs of steps a training: stops in the dense one, in each round, and at an end.
    for (const stops of [[5], [15, 2], [12, 3, 9], [34]]) {
      const store = memoryStore();
      for (const stop of stops) {
        const { signal, onEvent } = stopAfter(stop);
        const { ended } = await prune(model, data, { ...options, checkpoint: { store }, signal, onEvent }, pruning);
        expect(ended).toBe('aborted');
      }
      const rounds: [number, boolean][] = [];
      const onRound = ({ round, resumed }: PruningRound) => rounds.push([round, resumed]);
      const rest = await prune(model, data, { ...options, checkpoint: { store } }, { ...pruning, onRound });
      expect(rest.parameters).toEqual(whole.parameters);
      expect(rest.history.map(({ loss }) => loss)).toEqual(whole.history.map(({ loss }) => loss));
      expect(rounds.at(-1)?.[0]).toBe(2);
    }
  }, 60_000);

  it('a checkpoint of another pruning, of another network, or of no pruning any more is told', async () => {
    const store = memoryStore();
    const options = { ...base, epochs: 1, optimizer: adam(), checkpoint: { store } };
    await prune(model, data, options, { share: 0.5 });
    await expect(prune(model, data, options, { share: 0.6 })).rejects.toThrow(
      'memory: is of another training: its pruning is {"share":0.5,"rounds":1,"rewind":0,"scope":"global"}, here it is {"share":0.6,',
    );
    const other = sequential([dense(2), dense(1)]);
    await expect(prune(other, data, options, { share: 0.5 })).rejects.toThrow(
      'its parameters is ["dense/kernel [6,1]"',
    );
    await expect(fit(model, data, options)).rejects.toThrow('its number of weights kept is 3, here it is not set');
  });

  it('rewinding takes the weights of that very step', async () => {
    const options = { ...base, optimizer: adam() };
    const { parameters, steps, ended } = await fit(model, data, { ...options, maxSteps: 3 });
    expect([steps, ended]).toEqual([3, 'finished']);
    const one = await fit(model, data, { ...options, maxSteps: 3, stepsPerRun: 1 });
    expect(one.parameters).toEqual(parameters);
  }, 60_000);
});
