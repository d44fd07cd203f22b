import { makeNode, makeValue, op, type Value } from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '../../../test/apply.js';
import { definitionError } from '../../../test/definition-check.js';
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

const extents = fc.array(fc.integer({ min: 2, max: 4 }), { minLength: 1, maxLength: 2 });
const seeds = fc.integer({ min: 1, max: 1e6 });

describe.each<[string, (channels: number) => Record<string, number | readonly number[]>, boolean]>([
  ['InstanceNormalization', () => ({ epsilon: 0.01 }), true],
  ['GroupNormalization', (channels) => ({ epsilon: 0.01, num_groups: channels / 2 }), true],
  ['RMSNormalization', () => ({ epsilon: 0.01, axis: 2 }), false],
  ['MeanVarianceNormalization', () => ({ axes: [0, 2] }), false],
  ['LpNormalization', () => ({ axis: 1 }), false],
  ['LpNormalization', () => ({ axis: -1, p: 1 }), false],
  ['LRN', () => ({ size: 3, alpha: 0.7, beta: 0.6, bias: 1.3 }), false],
  ['LRN', () => ({ size: 5, alpha: 0.4 }), false],
])('%s', (name, attributesOf, isPerChannel) => {
  it('random shapes, known extents and named ones', async () => {
    await fc.assert(
      fc.asyncProperty(extents, fc.constantFrom(2, 4), seeds, async (spatial, channels, seed) => {
        const image = name === 'LRN' ? [...spatial, 3].slice(0, 2) : spatial;
        const x = [2, channels, ...image];
        const scale = name === 'RMSNormalization' ? [image] : isPerChannel ? [[channels], [channels]] : [];
        const build = (...inputs: Value[]) => apply(name, inputs, attributesOf(channels));
        const opset = name === 'RMSNormalization' ? 23 : 21;
        const test = { shapes: [x, ...scale], build, seed, opset };
        expect(await definitionError(test)).toBeLessThan(1e-5);
        expect(await gradientError(test)).toBeLessThan(TOLERANCE);
        const declared = [['n', channels, ...image.map((_, axis) => `d${axis}`)], ...scale];
        if (name !== 'RMSNormalization') expect(await gradientError({ ...test, declared })).toBeLessThan(TOLERANCE);
      }),
      { numRuns: 2, seed: 29 },
    );
  });
});
