/** Pseudo-derivatives have no differences to be checked against: they are compared with their formulas in doubles. */
import {
  buildModel,
  type Comparison,
  input,
  op,
  random,
  type Tensor,
  thresholdActivation,
  type Value,
} from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { numbers, runGraph } from '../../test/run-graph.js';
import { gradient } from '../gradients/index.js';
import {
  activeNeurons,
  kWinners,
  l0Penalty,
  l1Penalty,
  learnedThreshold,
  pullToTarget,
  targetPenalty,
} from './index.js';

const BATCH = 64;
const WIDTH = 5;
const BANDWIDTH = 0.5;

function sample(shape: readonly number[], seed: number): Tensor<'float32'> {
  const { uniform } = random(seed);
  const size = shape.reduce((product, extent) => product * extent, 1);
  return { dtype: 'float32', shape, data: Float32Array.from({ length: size }, () => uniform() * 4 - 2) };
}

const xs = sample([BATCH, WIDTH], 1);
const weights = sample([BATCH, WIDTH], 2);
const width = BANDWIDTH * Math.sqrt(xs.data.reduce((sum, value) => sum + value * value, 0) / xs.data.length);
const inWindow = (value: number, at: number) => Math.abs(value - at) < width / 2;

/** Σ over the batch of −w·f(θ)/ε·K((x − θ)/ε), per neuron. */
function expectedPerNeuron(thetas: readonly number[], f: (x: number) => number, isMagnitude: boolean): number[] {
  const sums = new Array<number>(WIDTH).fill(0);
  for (const [at, value] of xs.data.entries()) {
    const neuron = at % WIDTH;
    const theta = thetas[neuron];
    if (inWindow(value, theta)) sums[neuron] -= (weights.data[at] * f(theta)) / width;
    if (isMagnitude && inWindow(value, -theta)) sums[neuron] -= (weights.data[at] * f(-theta)) / width;
  }
  return sums;
}

function expectClose(actual: Tensor, expected: readonly number[]): void {
  for (const [at, value] of numbers(actual).entries()) expect(value).toBeCloseTo(expected[at], 3);
}

const x = input('x', 'float32', ['batch', WIDTH]);
const w = input('w', 'float32', ['batch', WIDTH]);
const weighted = (y: Value<'float32'>) => op.reduceSum(op.mul(y, w), { keepdims: false });

describe('learnedThreshold', () => {
  const thetas = [0.3, 0.5, 0.7, 0.9, 1.1];
  const relu = (value: number) => Math.max(value, 0);

  it.each<[string, Comparison, 'identity' | 'relu' | 'tanh', (x: number) => number]>([
    ['identity, as in JumpReLU', 'greater', 'identity', (value) => value],
    ['relu', 'greater', 'relu', relu],
    ['tanh, x ≥ θ', 'greaterOrEqual', 'tanh', Math.tanh],
    ['identity, magnitude', 'magnitude', 'identity', (value) => value],
  ])('θ per neuron: %s', async (_name, comparison, activation, f) => {
    const theta = input('theta', 'float32', [WIDTH]);
    const y = learnedThreshold(x, theta, { comparison, activation, bandwidth: BANDWIDTH });
    const [dTheta] = gradient(weighted(y), [theta]);
    const [result] = await runGraph(
      [x, w, theta],
      [dTheta],
      [xs, weights, { dtype: 'float32', shape: [WIDTH], data: Float32Array.from(thetas) }],
    );
    expectClose(result, expectedPerNeuron(thetas, f, comparison === 'magnitude'));
  });

  it('one θ for a layer has the sum over its neurons', async () => {
    const theta = input('theta', 'float32', []);
    const y = learnedThreshold(x, theta, { bandwidth: BANDWIDTH });
    const [dTheta] = gradient(weighted(y), [theta]);
    const [result] = await runGraph(
      [x, w, theta],
      [dTheta],
      [xs, weights, { dtype: 'float32', shape: [], data: Float32Array.of(0.4) }],
    );
    const parts = expectedPerNeuron(new Array(WIDTH).fill(0.4), (value) => value, false);
    expectClose(result, [parts.reduce((sum, part) => sum + part, 0)]);
  });

  it('θ per channel along another axis', async () => {
    const image = input('image', 'float32', ['batch', WIDTH, 1, 1]);
    const theta = input('theta', 'float32', [WIDTH]);
    const y = learnedThreshold(image, theta, { axis: 1, bandwidth: BANDWIDTH });
    const four = op.reshape(w, [0, 0, 1, 1]);
    const [dTheta] = gradient(op.reduceSum(op.mul(y, four), { keepdims: false }), [theta]);
    const [result] = await runGraph(
      [image, w, theta],
      [dTheta],
      [
        { ...xs, shape: [BATCH, WIDTH, 1, 1] },
        weights,
        { dtype: 'float32', shape: [WIDTH], data: Float32Array.from(thetas) },
      ],
    );
    expectClose(
      result,
      expectedPerNeuron(thetas, (value) => value, false),
    );
  });

  it('the gradient through x is the mask times f′, as without learning', async () => {
    const theta = input('theta', 'float32', [WIDTH]);
    const learned = learnedThreshold(x, theta, { activation: 'tanh' });
    const fixed = thresholdActivation(x, { threshold: thetas, activation: 'tanh' });
    const [a] = gradient(weighted(learned), [x]);
    const [b] = gradient(weighted(fixed), [x]);
    const feed = { dtype: 'float32', shape: [WIDTH], data: Float32Array.from(thetas) } as const;
    const [left, right] = await runGraph([x, w, theta], [a, b], [xs, weights, feed]);
    expect(numbers(left)).toEqual(numbers(right));
    for (const [at, value] of numbers(right).entries()) {
      const input = xs.data[at];
      const slope = input > Math.fround(thetas[at % WIDTH]) ? 1 - Math.tanh(input) ** 2 : 0;
      expect(value).toBeCloseTo(weights.data[at] * slope, 5);
    }
  });

  it('a θ that is no parameter costs no node', () => {
    const theta = input('theta', 'float32', [WIDTH]);
    const y = learnedThreshold(x, theta);
    const [dx] = gradient(weighted(y), [x]);
    const { nodes } = buildModel({ inputs: [x, w, theta], outputs: { dx } }).graph;
    expect(nodes.map(({ opType }) => opType)).not.toContain('ReduceL2');
  });
});

describe('penalties', () => {
  const theta = input('theta', 'float32', []);
  const y = learnedThreshold(x, theta, { bandwidth: BANDWIDTH });
  const active = activeNeurons({ y, x, theta, bandwidth: BANDWIDTH });
  const feeds = [xs, { dtype: 'float32', shape: [], data: Float32Array.of(0.4) } as const];
  const count = xs.data.filter((value) => value > Math.fround(0.4)).length / BATCH;
  const slope = -xs.data.filter((value) => inWindow(value, 0.4)).length / width / BATCH;

  it('L0 counts active neurons of an example, and moves θ by the window', async () => {
    const loss = l0Penalty(active, 3);
    const [value, dTheta] = await runGraph([x, theta], [loss, ...gradient(loss, [theta])], feeds);
    expectClose(value, [3 * count]);
    expectClose(dTheta, [3 * slope]);
  });

  it('the target penalty is 0 at its target and pushes to it from both sides', async () => {
    for (const target of [1, 4]) {
      const loss = targetPenalty(active, target, 2);
      const [value, dTheta] = await runGraph([x, theta], [loss, ...gradient(loss, [theta])], feeds);
      expectClose(value, [2 * (count / target - 1) ** 2]);
      expectClose(dTheta, [((4 * (count / target - 1)) / target) * slope]);
    }
  });

  it('counting has no gradient through x', () => {
    expect(() => gradient(active, [x])).toThrow('does not depend on');
  });

  it('L1 pulls active neurons through x', async () => {
    const loss = l1Penalty(y, 0.5);
    const [value, dx] = await runGraph([x, theta], [loss, ...gradient(loss, [x])], feeds);
    const firing = xs.data.filter((value) => value > Math.fround(0.4));
    expectClose(value, [(0.5 * firing.reduce((sum, one) => sum + one, 0)) / BATCH]);
    expectClose(
      dx,
      Array.from(xs.data, (value) => (value > Math.fround(0.4) ? 0.5 / BATCH : 0)),
    );
  });
});

describe('kWinners', () => {
  it('keeps the k largest of each example, and hands them the gradient', async () => {
    const y = kWinners(x, { k: 2, activation: 'identity' });
    const [result, dx] = await runGraph([x, w], [y, ...gradient(weighted(y), [x])], [xs, weights]);
    for (let row = 0; row < BATCH; row += 1) {
      const own = Array.from(xs.data.subarray(row * WIDTH, (row + 1) * WIDTH));
      const bound = own.toSorted((a, b) => b - a)[1];
      const winners = own.map((value) => value >= bound);
      const slice = (tensor: Tensor) => numbers(tensor).slice(row * WIDTH, (row + 1) * WIDTH);
      expect(slice(result)).toEqual(own.map((value, at) => (winners[at] ? value : 0)));
      expect(slice(dx)).toEqual(winners.map((wins, at) => (wins ? weights.data[row * WIDTH + at] : 0)));
    }
  });

  it('refuses more winners than neurons', () => {
    expect(() => kWinners(x, { k: 6 })).toThrow('6 winners of 5 neurons');
  });
});

describe('pullToTarget', () => {
  const active = WIDTH * 0.4;
  // Two of five neurons are active in every example.
  const ys: Tensor<'float32'> = {
    dtype: 'float32',
    shape: [BATCH, WIDTH],
    data: Float32Array.from({ length: BATCH * WIDTH }, (_, at) => (at % WIDTH < 2 ? 0.5 : 0)),
  };
  const y = input('y', 'float32', ['batch', WIDTH]);

  it.each([
    ['in full where too many are active', 1, 1],
    ['by half close to the target', active / 0.95, 0.5],
    ['not at all below it', active / 0.8, 0],
  ])('pulls %s', async (_name, target, share) => {
    const penalty = pullToTarget(y, target, 3);
    const [dy] = gradient(penalty, [y]);
    const [value, slope] = await runGraph([y], [penalty, dy], [ys]);
    // Σ|y| of an example is 1; the slope is that of an L1 mean over the batch, times the share.
    expect(numbers(value)[0]).toBeCloseTo(3 * share, 4);
    expect(numbers(slope)[0]).toBeCloseTo((3 * share) / BATCH, 5);
  });
});
