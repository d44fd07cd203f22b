import { constant, input, op, type Tensor, type Value } from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { gradientError } from '../../test/gradient-check.js';
import { numbers, runGraph } from '../../test/run-graph.js';
import { gradient } from '../gradients/index.js';
import {
  binaryCrossentropy,
  categoricalCrossentropy,
  type Loss,
  meanAbsoluteError,
  meanSquaredError,
  sparseCategoricalCrossentropy,
} from './index.js';

const classes = constant({ dtype: 'int64', shape: [3], data: BigInt64Array.of(2n, 0n, 1n) });
const distributions = constant({
  dtype: 'float64',
  shape: [3, 4],
  data: Float64Array.of(0.7, 0.1, 0.1, 0.1, 0, 0, 1, 0, 0.25, 0.25, 0.25, 0.25),
});

describe('gradients against central differences', () => {
  it.each<[string, Loss, (z: Value) => Value, Value]>([
    ['sparse, from logits', sparseCategoricalCrossentropy(), (z) => z, classes],
    ['sparse, from softmax', sparseCategoricalCrossentropy(), (z) => op.softmax(z), classes],
    ['sparse, from log-softmax', sparseCategoricalCrossentropy(), (z) => op.logSoftmax(z), classes],
    ['dense, from softmax', categoricalCrossentropy(), (z) => op.softmax(z), distributions],
    ['binary, from sigmoid', binaryCrossentropy(), (z) => op.sigmoid(z), distributions],
    ['mean squared', meanSquaredError(), (z) => z, distributions],
    ['mean absolute', meanAbsoluteError(), (z) => z, distributions],
  ])('%s', async (_name, loss, output, target) => {
    const build = (z: Value) => loss.build(output(z), target).loss;
    expect(await gradientError({ shapes: [[3, 4]], build })).toBeLessThan(1e-6);
    expect(await gradientError({ shapes: [[3, 4]], declared: [['batch', 4]], build })).toBeLessThan(1e-6);
  });
});

describe('cross-entropy of extreme logits', () => {
  const z = input('z', 'float32', [2, 2]);
  const feed: Tensor = { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1000, -1000, -1000, 1000) };
  const target = constant({ dtype: 'int64', shape: [2], data: BigInt64Array.of(0n, 0n) });

  it('is finite where softmax has no digits left, and counts who is right', async () => {
    const { loss, correct } = sparseCategoricalCrossentropy().build(op.softmax(z), target);
    const [value, right, dz] = await runGraph([z], [loss, correct ?? loss, ...gradient(loss, [z])], [feed]);
    expect(numbers(value)).toEqual([1000]);
    expect(numbers(right)).toEqual([1]);
    expect(numbers(dz)).toEqual([0, 0, -0.5, 0.5]);
  });

  it('binary too', async () => {
    const ones = constant({ dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 1, 1, 1) });
    const { loss, correct } = binaryCrossentropy().build(op.sigmoid(z), ones);
    const [value, right] = await runGraph([z], [loss, correct ?? loss], [feed]);
    expect([numbers(value), numbers(right)]).toEqual([[500], [2]]);
  });
});
