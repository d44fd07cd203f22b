import { buildModel, constant, defineFunction, input, op, recipeModel, type Value } from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { floats, intAttribute, modelOf, nodeOf } from '../fixtures/models.js';
import { derivedTolerance } from './derived-tolerance.js';
import { NO_ERROR, total } from './error-bound.js';
import { graphBounds } from './graph-bounds.js';

const EPSILON = 2 ** -23;

/** x [2, length] · w [length, 2], and what comes after. */
const product = (length: number) =>
  modelOf({
    inputs: { x: ['float32', [2, length]] },
    outputs: { y: ['float32', [2, 2]] },
    initializers: { w: floats([length, 2], new Float32Array(2 * length)) },
    nodes: [
      nodeOf('MatMul', ['x', 'w'], 'a'),
      nodeOf('Relu', ['a'], 'h'),
      nodeOf('Softmax', ['h'], 'y', [intAttribute('axis', -1)]),
    ],
  });

describe('the error bound of a value', () => {
  it('is nothing for inputs and for what only moves them', () => {
    const model = modelOf({
      inputs: { x: ['float32', [4]] },
      outputs: { y: ['float32', [4]] },
      nodes: [nodeOf('Relu', ['x'], 'h'), nodeOf('Neg', ['h'], 'y')],
    });
    expect(graphBounds(model, 'gpu').boundOf('y')).toEqual(NO_ERROR);
    expect(derivedTolerance(NO_ERROR, 'float32', 'gpu')).toMatchObject({ atol: 0, rtol: 0, scale: 0, ulp: 0 });
  });

  it('grows with the square root of the length of a sum, as Higham and Mary have it', () => {
    const scaleOf = (length: number) => graphBounds(product(length), 'cpu').boundOf('a')?.scale ?? 0;
    expect(scaleOf(784)).toBeCloseTo(4 * 28 * EPSILON, 12);
    expect(scaleOf(1024) / scaleOf(64)).toBeCloseTo(4, 6);
  });

  it('inside a function of the model is what it is outside of one', () => {
    const x = input('x', 'float32', [2, 784]);
    const w = constant({ dtype: 'float32', shape: [784, 2], data: new Float32Array(1568) });
    const within = defineFunction('Layer', (v: Value<'float32'>, m: Value<'float32'>) => op.relu(op.matMul(v, m)));
    const bound = (y: Value) => graphBounds(buildModel({ inputs: [x], outputs: { y } }), 'cpu').boundOf('y');
    expect(bound(within(x, w))).toEqual(bound(op.relu(op.matMul(x, w))));
    expect(total(bound(within(x, w)) ?? NO_ERROR)).toBeGreaterThan(0);
  });

  it('is carried on unchanged by a Relu, and amplified by a softmax no further than is allowed', () => {
    const bounds = graphBounds(product(16), 'cpu');
    expect(bounds.boundOf('h')).toEqual(bounds.boundOf('a'));
    const [before, after] = ['h', 'y'].map((value) => total(bounds.boundOf(value) ?? NO_ERROR));
    expect(after).toBeGreaterThan(before);
    expect(after - before).toBeLessThan(600 * EPSILON);
  });

  it('takes the lengths that a case tells where the model leaves them open', () => {
    const model = modelOf({
      inputs: { x: ['float32', ['n', 'k']], w: ['float32', ['k', 2]] },
      outputs: { y: ['float32', ['n', 2]] },
      nodes: [nodeOf('MatMul', ['x', 'w'], 'y')],
    });
    const bounds = graphBounds(model, 'cpu', { x: [1, 4], w: [4, 2] });
    expect(bounds.boundOf('y')?.scale).toBeCloseTo(8 * EPSILON, 12);
  });

  it('leaves one per cent of an ordinary weight of the seed model far outside', () => {
    const { scale = 1, relative = 1 } =
      graphBounds(recipeModel('mnist-mlp'), 'gpu', { x: [1, 784] }).boundOf('gemm') ?? {};
    // Weights of 784 inputs are about 1/28, inputs about 1, and so are the largest sums.
    expect(0.01 / 28).toBeGreaterThan(10 * (scale + relative));
  });

  it('allows more where products have fewer bits', () => {
    const [cpu, reduced] = (['cpu', 'reduced'] as const).map(
      (one) => graphBounds(product(64), one).boundOf('a')?.scale ?? 0,
    );
    expect(reduced).toBeGreaterThan(100 * cpu);
  });
});
