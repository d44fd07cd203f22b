import { makeNode, makeValue, op, type Value } from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import { describe, expect, it } from 'vitest';
import { gradientError } from '../../../test/gradient-check.js';

const TOLERANCE = 1e-6;
const positive = (random: () => number) => 0.3 + random() * 2;

describe('LayerNormalization', () => {
  it.each([-1, 1, -2])('axis %d', async (axis) => {
    const first = axis < 0 ? axis + 3 : axis;
    const scale = [2, 3, 4].slice(first);
    const build = (x: Value, s: Value, b: Value) =>
      makeValue(schemas.LayerNormalization, [x, s, b], { axis, epsilon: 0.01 });
    const shapes = [[2, 3, 4], scale, scale];
    expect(await gradientError({ shapes, build })).toBeLessThan(TOLERANCE);
    expect(await gradientError({ shapes, declared: [['n', 3, 4], scale, scale], build })).toBeLessThan(TOLERANCE);
  });
});

describe('BatchNormalization', () => {
  it('with given statistics', async () => {
    const build = (...inputs: Value[]) => makeValue(schemas.BatchNormalization, inputs, { epsilon: 0.01 });
    const shapes = [[2, 3, 4], [3], [3], [3], [3]];
    expect(await gradientError({ shapes, build, sample: positive })).toBeLessThan(TOLERANCE);
  });

  it('training form: with the statistics of the batch', async () => {
    const build = (x: Value, scale: Value, bias: Value) => {
      const zeros = op.mul(bias, 0);
      return makeNode(
        schemas.BatchNormalization,
        [x, scale, bias, zeros, zeros],
        { epsilon: 0.01, training_mode: 1 },
        { outputs: 3 },
      )[0];
    };
    expect(await gradientError({ shapes: [[4, 3, 2], [3], [3]], build })).toBeLessThan(TOLERANCE);
  });
});
