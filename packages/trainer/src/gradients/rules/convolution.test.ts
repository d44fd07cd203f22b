/**
 * ONNX Runtime's CPU provider convolves and averages in float32 only. These functions are linear in each input, so
 * with small integers and a step of 1/4 differences and gradients are exact, and must be equal.
 */
import { makeValue, type Value } from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '../../../test/apply.js';
import { definitionError } from '../../../test/definition-check.js';
import { gradientError } from '../../../test/gradient-check.js';

interface Geometry {
  readonly spatial: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

const axis = fc
  .record({
    extent: fc.integer({ min: 3, max: 6 }),
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    before: fc.integer({ min: 0, max: 1 }),
    behind: fc.integer({ min: 0, max: 1 }),
  })
  .filter(({ extent, kernel, dilation }) => (kernel - 1) * dilation + 1 <= extent);

const geometry = fc.array(axis, { minLength: 1, maxLength: 2 }).map(
  (axes): Geometry => ({
    spatial: axes.map(({ extent }) => extent),
    kernel: axes.map(({ kernel }) => kernel),
    strides: axes.map(({ stride }) => stride),
    dilations: axes.map(({ dilation }) => dilation),
    pads: [...axes.map(({ before }) => before), ...axes.map(({ behind }) => behind)],
  }),
);

describe('Conv', () => {
  it('random groups, strides, dilations and pads, known extents and named ones', async () => {
    await fc.assert(
      fc.asyncProperty(
        geometry,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 1, max: 2 }),
        fc.boolean(),
        async ({ spatial, kernel, ...attributes }, group, inEach, outEach, isNamed) => {
          const shapes = [[2, group * inEach, ...spatial], [group * outEach, inEach, ...kernel], [group * outEach]];
          const declared = [['n', group * inEach, ...spatial.map((_, index) => `d${index}`)], shapes[1], shapes[2]];
          const build = (x: Value, w: Value, b: Value) => makeValue(schemas.Conv, [x, w, b], { ...attributes, group });
          expect(await gradientError({ shapes, build, exact: true, ...(isNamed && { declared }) })).toBe(0);
        },
      ),
      { numRuns: 40, seed: 3 },
    );
  });

  it.each(['SAME_UPPER', 'SAME_LOWER', 'VALID'])('auto_pad %s', async (auto_pad) => {
    for (const strides of [
      [1, 1],
      [2, 2],
    ]) {
      const build = (x: Value, w: Value) => makeValue(schemas.Conv, [x, w], { auto_pad, strides });
      expect(
        await gradientError({
          shapes: [
            [1, 2, 5, 6],
            [2, 2, 3, 2],
          ],
          build,
          exact: true,
        }),
      ).toBe(0);
    }
  });
});

describe('ConvTranspose', () => {
  it('groups, strides, dilations, output padding', async () => {
    await fc.assert(
      fc.asyncProperty(
        geometry,
        fc.integer({ min: 1, max: 2 }),
        async ({ spatial, kernel, strides, dilations }, group) => {
          const output_padding = strides.map((stride) => stride - 1);
          const shapes = [[2, group * 2, ...spatial], [group * 2, 1, ...kernel], [group]];
          const build = (x: Value, w: Value, b: Value) =>
            makeValue(schemas.ConvTranspose, [x, w, b], { strides, dilations, group, output_padding });
          expect(await gradientError({ shapes, build, exact: true })).toBe(0);
        },
      ),
      { numRuns: 15, seed: 5 },
    );
  });
});

/** No two equal, and further apart than the step. */
const distinct = () => {
  let next = 0;
  return () => {
    next += 1;
    return ((next * 37) % 101) - 50;
  };
};

describe('pooling', () => {
  it('MaxPool, overlapping or not', async () => {
    await fc.assert(
      fc.asyncProperty(geometry, fc.boolean(), async ({ spatial, kernel, ...attributes }, isNamed) => {
        if (attributes.pads.some((extent, index) => extent >= kernel[index % kernel.length])) return;
        const build = (x: Value) => makeValue(schemas.MaxPool, [x], { ...attributes, kernel_shape: kernel });
        const declared = [['n', 2, ...spatial.map(() => null)]];
        const test = { shapes: [[1, 2, ...spatial]], build, exact: true, sample: distinct() };
        expect(await gradientError({ ...test, ...(isNamed && { declared }) })).toBe(0);
      }),
      { numRuns: 25, seed: 9 },
    );
  });

  it('AveragePool, with and without the padding counted', async () => {
    await fc.assert(
      fc.asyncProperty(geometry, fc.boolean(), fc.boolean(), async (window, counts, isNamed) => {
        const { spatial, kernel, strides, pads } = window;
        // A window of 3 × 2 averages by 1/6, which float32 does not have.
        const bound = kernel.includes(3) ? 1e-5 : 1e-9;
        if (pads.some((extent, index) => extent >= kernel[index % kernel.length])) return;
        const attributes = { strides, pads, kernel_shape: kernel, count_include_pad: counts };
        const build = (x: Value) => makeValue(schemas.AveragePool, [x], attributes);
        const declared = [['n', 2, ...spatial.map(() => null)]];
        const test = { shapes: [[2, 2, ...spatial]], build, exact: true };
        expect(await gradientError({ ...test, ...(isNamed && { declared }) })).toBeLessThan(bound);
      }),
      { numRuns: 40, seed: 9 },
    );
  });

  it('in float64 by their definitions, with ceil_mode or without: AveragePool, LpPool; Conv and ConvTranspose', async () => {
    const flag = fc.integer({ min: 0, max: 1 });
    await fc.assert(
      fc.asyncProperty(geometry, flag, flag, fc.integer({ min: 1, max: 2 }), async (window, ceil_mode, counts, p) => {
        const { spatial, kernel, strides, dilations, pads } = window;
        const fits = pads.every((extent, index) => extent < kernel[index % kernel.length]);
        const shared = { kernel_shape: kernel, strides, dilations, pads, ceil_mode };
        const x = [2, 2, ...spatial];
        const built: [string, number[][], Record<string, number | readonly number[]>][] = [
          ['Conv', [x, [4, 1, ...kernel], [4]], { strides, dilations, pads, group: 2 }],
          ['ConvTranspose', [x, [2, 1, ...kernel], [2]], { strides, dilations, group: 2 }],
        ];
        if (fits) {
          // ONNX Runtime 1.30 does not take dilated windows of LpPool past the end as its shape inference does.
          built.push(['AveragePool', [x], { ...shared, count_include_pad: counts }]);
          built.push(['LpPool', [x], { ...shared, dilations: dilations.map(() => 1), p }]);
        }
        for (const [name, shapes, attributes] of built) {
          const test = { shapes, build: (...inputs: Value[]) => apply(name, inputs, attributes) };
          expect(await definitionError(test), name).toBeLessThan(1e-5);
          expect(await gradientError(test), name).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 6, seed: 31 },
    );
  });

  it('GlobalLpPool', async () => {
    for (const p of [1, 2, 3]) {
      const test = { shapes: [[2, 3, 2, 4]], build: (x: Value) => apply('GlobalLpPool', [x], { p }) };
      expect(await definitionError(test)).toBeLessThan(1e-5);
      expect(await gradientError(test)).toBeLessThan(1e-6);
    }
  });

  it.each([[[2, 3, 4, 2]], [[2, 3, 4]]])('GlobalAveragePool and GlobalMaxPool of %j', async (shape) => {
    const declared = [['n', 3, ...shape.slice(2).map(() => null)]];
    for (const schema of [schemas.GlobalAveragePool, schemas.GlobalMaxPool]) {
      const test = { shapes: [shape], build: (x: Value) => makeValue(schema, [x]), exact: true, sample: distinct() };
      expect(await gradientError(test)).toBeLessThan(1e-6);
      expect(await gradientError({ ...test, declared })).toBeLessThan(1e-6);
    }
  });
});
