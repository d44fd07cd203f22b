import { buildModel, constant, input, makeValue, op, type Value } from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import { describe, expect, it } from 'vitest';
import { numbers, runGraph } from '../../test/run-graph.js';
import { customGradient, gradient } from './index.js';

const x = input('x', 'float32', ['batch', 3]);
const w = input('w', 'float32', [3, 2]);
const b = input('b', 'float32', [2]);
const theta = input('theta', 'float32', []);
const mean = (value: Value) => op.reduceMean(value, { keepdims: false });
const sum = (value: Value) => op.reduceSum(value, { keepdims: false });

function opTypes(inputs: readonly Value[], outputs: readonly Value[]): string[] {
  const model = buildModel({ inputs, outputs: Object.fromEntries(outputs.map((value, at) => [`g${at}`, value])) });
  return model.graph.nodes.map(({ opType }) => opType);
}

describe('lean graphs', () => {
  it('a linear layer with a mean squared loss: nothing but what the formulas need', () => {
    const y = op.gemm(x, w, b);
    const loss = mean(op.mul(y, y));
    expect(opTypes([x, w, b], [loss, ...gradient(loss, [w, b])])).toEqual([
      ...['Gemm', 'Mul', 'ReduceMean'],
      // 1 / (2·batch), spread by the product with y; both branches of y·y share one product.
      ...['Shape', 'ReduceProd', 'Cast', 'Reciprocal', 'Mul', 'Add', 'Gemm', 'ReduceSum'],
    ]);
  });

  it('factors of one and constant factors are multiplied out', () => {
    const v = input('v', 'float32', [4]);
    const [dv] = gradient(sum(op.mul(op.mul(v, 3), 2)), [v]);
    expect(opTypes([v], [dv])).toEqual(['Expand']);
  });

  it('values that no parameter leads to are not differentiated', () => {
    const volume = op.det(op.gemm(x, x, undefined, { transA: true }));
    const loss = sum(op.mul(op.matMul(x, w), volume));
    expect(() => gradient(loss, [w])).not.toThrow();
    expect(() => gradient(loss, [x])).toThrow('Det: has no gradient rule');
  });

  it('shares what is already in the forward graph', () => {
    const v = input('v', 'float32', [4]);
    const isPositive = op.greater(v, 0);
    const loss = op.add(sum(op.celu(v)), sum(op.cast(isPositive, 'float32')));
    expect(opTypes([v], [loss, ...gradient(loss, [v])]).filter((type) => type === 'Greater')).toHaveLength(1);
  });
});

describe('gradients', () => {
  it('add up where a value is used more than once', async () => {
    const v = input('v', 'float32', [2]);
    const loss = sum(op.add(op.add(op.mul(v, v), op.mul(v, 3)), op.exp(v)));
    const [result] = await runGraph([v], gradient(loss, [v]), [
      { dtype: 'float32', shape: [2], data: Float32Array.of(0, 1) },
    ]);
    for (const [at, expected] of [4, 5 + Math.E].entries()) expect(numbers(result)[at]).toBeCloseTo(expected, 5);
  });

  it('with respect to constants and intermediate values', async () => {
    const c = constant([2, 5], 'float32');
    const v = input('v', 'float32', [2]);
    const product = op.mul(v, c);
    const loss = sum(op.mul(product, product));
    const results = await runGraph([v], gradient(loss, [c, product]), [
      { dtype: 'float32', shape: [2], data: Float32Array.of(1, 3) },
    ]);
    expect(results.map(numbers)).toEqual([
      [4, 90],
      [4, 30],
    ]);
  });

  it('of ten thousand nodes in a row', () => {
    const v = input('v', 'float32', [1]);
    let y: Value = v;
    for (let at = 0; at < 10_000; at += 1) y = op.sin(y);
    expect(gradient(sum(y), [v])).toHaveLength(1);
  });

  it('by a rule of one’s own', async () => {
    const v = input('v', 'float32', [3]);
    const straightThrough = customGradient(op.round(v), [v], (g) => [g]);
    const loss = sum(op.mul(straightThrough, straightThrough));
    const [result] = await runGraph([v], gradient(loss, [v]), [
      { dtype: 'float32', shape: [3], data: Float32Array.of(0.4, 1.6, 2.4) },
    ]);
    expect(numbers(result)).toEqual([0, 4, 4]);
  });
});

describe('errors', () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      'an operator without a rule, with the path to the loss',
      () => gradient(sum(makeValue(schemas.Det, [op.mul(w, 2)]).named('volume')), [w]),
      /Det: has no gradient rule; path to the loss: Det 'volume' → ReduceSum → loss; declare one by customGradient$/,
    ],
    [
      'a loss that is no scalar',
      () => gradient(op.relu(x), [x]),
      /the loss .* is no scalar but \[batch,3\]; reduce it/,
    ],
    ['a parameter that the loss does not use', () => gradient(sum(x), [w]), /does not depend on 'w' by differentiable/],
    [
      'a parameter behind a comparison',
      () => gradient(sum(op.where(op.greater(x, theta), x, 0)), [theta]),
      /does not depend on 'theta' by differentiable operators/,
    ],
  ])('%s', (_name, action, message) => expect(action).toThrow(message));
});
