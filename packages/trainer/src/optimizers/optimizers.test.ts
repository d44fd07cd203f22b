/** Each optimizer's graph, some steps of it in float64, against its textbook formulas in doubles. */
import { constant, input, random, type Value } from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { numbers, runGraph, runner } from '../../test/run-graph.js';
import { adam, adamW, clipByNorm, cosine, type Optimizer, sgd, stepDecay, warmUp } from './index.js';

const SIZE = 5;
const STEPS = 7;
const { uniform } = random(3);
const draw = () => Array.from({ length: SIZE }, () => uniform() * 2 - 1);
const start = draw();
const gradients = Array.from({ length: STEPS }, draw);
const rates = [0.1, 0.1, 0.05, 0.05, 0.02, 0.02, 0.01];

async function trajectory(optimizer: Optimizer): Promise<number[]> {
  const vector = (name: string) => input(name, 'float64', [SIZE]);
  const parameters = vector('parameters');
  const gradient = vector('gradient');
  const slots = Object.fromEntries(optimizer.slots.map((slot): [string, Value] => [slot, vector(slot)]));
  const learningRate = input('learningRate', 'float64', []);
  const step = input('step', 'float64', []);
  const decayed = constant([1, 1, 0, 1, 0], 'float64');
  const updated = optimizer.update({
    parameters,
    gradient,
    slots,
    rates: optimizer.rates({ learningRate, step }),
    decayed,
  });
  const session = await runner(
    [parameters, gradient, learningRate, step, ...Object.values(slots)],
    [updated.parameters, ...optimizer.slots.map((slot) => updated.slots[slot])],
  );
  const tensor = (values: readonly number[], shape = [values.length]) =>
    ({ dtype: 'float64', shape, data: Float64Array.from(values) }) as const;
  let state = [start, ...optimizer.slots.map(() => new Array<number>(SIZE).fill(0))];
  for (const [at, values] of gradients.entries()) {
    const [p, ...others] = state;
    const feeds = [
      tensor(p),
      tensor(values),
      tensor([rates[at]], []),
      tensor([at + 1], []),
      ...others.map((one) => tensor(one)),
    ];
    state = (await session.run(feeds)).map(numbers);
  }
  await session.release();
  return state[0];
}

const DECAYED = [1, 1, 0, 1, 0];

function byHand(step: (at: number, p: number, g: number, state: number[], t: number) => number): number[] {
  return start.map((first, at) => {
    const state = [0, 0];
    return gradients.reduce((p, values, index) => step(at, p, values[at], state, index + 1), first);
  });
}

function adamByHand(weightDecay: number): number[] {
  return byHand((at, p, g, state, t) => {
    state[0] = 0.9 * state[0] + 0.1 * g;
    state[1] = 0.999 * state[1] + 0.001 * g * g;
    const alpha = (rates[t - 1] * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
    return p - rates[t - 1] * weightDecay * DECAYED[at] * p - (alpha * state[0]) / (Math.sqrt(state[1]) + 1e-7);
  });
}

describe('optimizers', () => {
  it.each<[string, Optimizer, number[]]>([
    ['sgd', sgd(), byHand((_, p, g, __, t) => p - rates[t - 1] * g)],
    [
      'sgd with weight decay',
      sgd({ weightDecay: 0.1 }),
      byHand((at, p, g, _, t) => p - rates[t - 1] * (g + 0.1 * DECAYED[at] * p)),
    ],
    [
      'sgd with momentum',
      sgd({ momentum: 0.9 }),
      byHand((_, p, g, state, t) => {
        state[0] = 0.9 * state[0] + g;
        return p - rates[t - 1] * state[0];
      }),
    ],
    [
      'sgd with Nesterov momentum',
      sgd({ momentum: 0.9, nesterov: true }),
      byHand((_, p, g, state, t) => {
        state[0] = 0.9 * state[0] + g;
        return p - rates[t - 1] * (g + 0.9 * state[0]);
      }),
    ],
    ['adam', adam(), adamByHand(0)],
    ['adamW', adamW({ weightDecay: 0.1 }), adamByHand(0.1)],
  ])('%s', async (_name, optimizer, expected) => {
    for (const [at, value] of (await trajectory(optimizer)).entries()) expect(value).toBeCloseTo(expected[at], 10);
  });
});

describe('clipByNorm', () => {
  it.each([
    [20, [3, 0, 4, 0, 12]],
    [6.5, [1.5, 0, 2, 0, 6]],
  ])('to %d', async (limit, expected) => {
    const a = input('a', 'float32', [2]);
    const b = input('b', 'float32', [3]);
    const feeds = [
      { dtype: 'float32', shape: [2], data: Float32Array.of(3, 0) } as const,
      { dtype: 'float32', shape: [3], data: Float32Array.of(4, 0, 12) } as const,
    ];
    const clipped = await runGraph([a, b], clipByNorm([a, b], limit), feeds);
    for (const [at, value] of clipped.flatMap(numbers).entries()) expect(value).toBeCloseTo(expected[at], 5);
  });
});

describe('schedules', () => {
  it.each<[string, (step: number) => number, readonly [number, number][]]>([
    [
      'step decay',
      stepDecay({ rate: 1, every: 10, factor: 0.5 }),
      [
        [1, 1],
        [10, 1],
        [11, 0.5],
        [21, 0.25],
      ],
    ],
    [
      'cosine',
      cosine({ rate: 1, steps: 100, final: 0.1 }),
      [
        [1, 1],
        [51, 0.55],
        [101, 0.1],
        [500, 0.1],
      ],
    ],
    [
      'warm-up',
      warmUp(10, cosine({ rate: 1, steps: 100 })),
      [
        [1, 0.1],
        [10, 1],
        [11, 1],
        [61, 0.5],
      ],
    ],
  ])('%s', (_name, schedule, points) => {
    for (const [step, rate] of points) expect(schedule(step)).toBeCloseTo(rate, 12);
  });
});
