import {
  buildModel,
  constant,
  decodeModel,
  encodeModel,
  input,
  type Model,
  op,
  thresholdActivation,
  type Value,
} from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { gatesOf } from './gates.js';

const x = input('x', 'float32', ['n', 3]);
const each = () => constant({ dtype: 'float32', shape: [3], data: Float32Array.of(0.1, 0.2, 0.3) });
const read = (y: Value, opset = 21): Model =>
  decodeModel(encodeModel(buildModel({ inputs: [x], outputs: { y }, opset })));

describe('thresholds in models of other tools', () => {
  it.each<[string, () => Value, number | number[] | undefined]>([
    ['ThresholdedRelu', () => op.thresholdedRelu(x, { alpha: 0.4 }), 0.4],
    ['ThresholdedRelu by default', () => op.thresholdedRelu(x), 1],
    ['Greater, Where', () => op.where(op.greater(x, 0.2), x, 0), 0.2],
    ['one θ for each neuron', () => op.where(op.greater(x, each()), op.sigmoid(x), 0), [0.1, 0.2, 0.3]],
    ['Less, the branches the other way round', () => op.where(op.less(x, 0.2), constant(0, 'float32'), x), 0.2],
    ['θ on the left', () => op.where(op.less(constant(0.2, 'float32'), x), x, 0), 0.2],
    ['Not', () => op.where(op.not(op.lessOrEqual(x, 0.3)), x, 0), 0.3],
    [
      'zeros made for the shape of x',
      () => op.where(op.greater(x, 0.2), x, op.constantOfShape(op.shape(x)) as Value<'float32'>),
      0.2,
    ],
    ['the magnitude', () => op.where(op.greater(op.abs(x), 0.5), x, 0), 0.5],
    ['a mask that multiplies', () => op.mul(x, op.cast(op.greater(x, 0.2), 'float32')), 0.2],
    [
      'a function of the model',
      () => thresholdActivation(x, { threshold: 0.25, activation: 'relu', asFunction: true }),
      0.25,
    ],
    [
      'a function, ThresholdedRelu inside',
      () => thresholdActivation(x, { threshold: 0.25, lowering: 'thresholdedRelu', asFunction: true }),
      0.25,
    ],
    ['Shrink', () => op.shrink(x, { bias: 0, lambd: 0.4 }), 0.4],
    ['what may pass two thresholds', () => op.where(op.and(op.greater(x, 0.1), op.less(x, 0.9)), x, 0), undefined],
    ['a mask that is turned round', () => op.mul(x, op.sub(1, op.cast(op.less(x, 0.2), 'float32'))), 0.2],
    ['a ReLU6', () => op.clip(x, 0, 6), undefined],
    [
      'a smooth function, gated by the form that keeps its sign',
      () => thresholdActivation(x, { threshold: -0.25, activation: 'tanh' }),
      -0.25,
    ],
    ['a ReLU, which has none', () => op.relu(x), undefined],
    ['a ReLU that is part of a threshold', () => op.where(op.greater(x, 0.2), op.relu(x), 0), 0.2],
  ])('%s', (_name, build, theta) => {
    expect(gatesOf(read(build()))).toEqual([{ output: 'y', theta }]);
  });

  it('finds none where nothing is silenced', () => {
    const isBroken = op.isNaN(x);
    for (const y of [
      op.where(isBroken, constant(0, 'float32'), x),
      op.where(op.greater(x, 0), x, 1),
      op.mul(x, 2),
      op.sigmoid(x),
    ])
      expect(gatesOf(read(y))).toEqual([]);
  });
});
