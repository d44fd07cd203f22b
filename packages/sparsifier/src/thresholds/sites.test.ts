import { buildModel, defineFunction, input, op, thresholdActivation, type Value } from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { findSites } from './sites.js';

const x = input('x', 'float32', ['n', 3]);
const sitesOf = (y: Value) => findSites(buildModel({ inputs: [x], outputs: { y } }), {}, 'value').sites;

describe('places for thresholds', () => {
  const zerosLike = (value: Value<'float32'>) => op.constantOfShape(op.shape(value)) as Value<'float32'>;
  const both = (value: Value<'float32'>) => op.and(op.greater(value, 0.2), op.not(op.isNaN(value)));
  const gate = defineFunction('Gate', (v: Value<'float32'>) => op.where(op.greater(v, 0.2), v, op.sub(v, v)));

  it.each<[string, () => Value, number | null]>([
    ['zeros made for the shape of x', () => op.where(op.greater(x, 0.2), x, zerosLike(x)), 0.2],
    ['a comparison and another condition', () => op.where(both(x), x, 0), 0.2],
    ['a function of the model', () => gate(x), 0.2],
    ['1 − mask', () => op.mul(x, op.sub(1, op.cast(op.less(x, 0.2), 'float32'))), 0.2],
    [
      'the form that keeps the sign of zero',
      () => thresholdActivation(x, { threshold: -0.25, activation: 'tanh' }),
      -0.25,
    ],
    ['what lies below θ, which exceeds nothing', () => op.where(op.less(x, 0.2), x, 0), null],
    [
      'a ReLU in front, which is part of it',
      () => thresholdActivation(op.relu(x), { threshold: 0.2, lowering: 'multiply', force: true }),
      0.2,
    ],
  ])('are behind thresholds that are there: %s', (_, build, theta) => {
    const [site, ...others] = sitesOf(build());
    expect(others).toEqual([]);
    expect(site?.value).toBe('y');
    if (theta === null) expect(site?.existing).toBeNull();
    else expect(site?.existing).toBeCloseTo(theta, 6);
  });
});
