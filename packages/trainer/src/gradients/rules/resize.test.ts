import { constant, input, op, type Value } from '@rheobase/exporter';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '../../../test/apply.js';
import { definitionError } from '../../../test/definition-check.js';
import { gradientError } from '../../../test/gradient-check.js';
import { gradient } from '../gradient.js';

const floats = (list: readonly number[]) => constant(list, 'float32');
const ints = (list: readonly number[]) => constant(list.map(BigInt), 'int64');

const extent = fc.record({ from: fc.integer({ min: 2, max: 5 }), scale: fc.constantFrom(0.5, 0.6, 1, 1.5, 2, 2.3) });
const image = fc.array(extent, { minLength: 1, maxLength: 2 });

describe.each([
  ['nearest', { nearest_mode: 'floor' }],
  ['nearest', { nearest_mode: 'round_prefer_ceil' }],
  ['nearest', {}],
  ['linear', {}],
  ['cubic', {}],
  ['cubic', { exclude_outside: 1, cubic_coeff_a: -0.5 }],
])('Resize, %s %j', (mode, options) => {
  it.each(['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric', 'half_pixel_symmetric'])(
    '%s: any extents, by scales and by sizes',
    async (coordinates) => {
      await fc.assert(
        fc.asyncProperty(image, fc.boolean(), async (axes, bySizes) => {
          const spatial = mode === 'cubic' ? [...axes, { from: 4, scale: 2 }].slice(0, 2) : axes;
          const x = [1, 2, ...spatial.map(({ from }) => from)];
          const sizes = [1, 2, ...spatial.map(({ from, scale }) => Math.max(1, Math.floor(from * scale)))];
          const scales = [1, 1, ...spatial.map(({ scale }) => scale)];
          const attributes = { mode, coordinate_transformation_mode: coordinates, ...options };
          const build = (value: Value) =>
            apply('Resize', [value, undefined, ...(bySizes ? [undefined, ints(sizes)] : [floats(scales)])], attributes);
          const test = { shapes: [x], build };
          expect(await definitionError(test)).toBeLessThan(1e-5);
          expect(await gradientError(test)).toBeLessThan(1e-6);
        }),
        { numRuns: 2, seed: 37 },
      );
    },
  );
});

describe('what Resize cannot be differentiated for', () => {
  it.each<[string, Record<string, string | number>, (number | string)[], RegExp]>([
    [
      'a box',
      { coordinate_transformation_mode: 'tf_crop_and_resize' },
      [1, 1, 4],
      /Resize: coordinate_transformation_mode 'tf_crop_and_resize' has no gradient rule; path to the loss: Resize → /,
    ],
    [
      'antialias',
      { antialias: 1, mode: 'linear' },
      [1, 1, 4],
      /Resize: antialias has no gradient rule; path to the loss/,
    ],
    [
      'an extent that is not known',
      { mode: 'linear' },
      [1, 1, 'w'],
      /the extent of its axis 2 is not known before running/,
    ],
  ])('%s', (_name, attributes, shape, message) => {
    const x = input('x', 'float32', shape);
    const resized = apply('Resize', [x, undefined, floats([1, 1, 2])], attributes);
    expect(() => gradient(op.reduceSum(resized, { keepdims: false }), [x])).toThrow(message);
  });
});
