import { constant, makeValue, op, type Value } from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradientError } from '../../../test/gradient-check.js';

const TOLERANCE = 1e-6;
const positive = (random: () => number) => 0.3 + random() * 2;

/** Two shapes that broadcast together: some extents 1, leading ones missing. */
const broadcastPair = fc
  .array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 })
  .chain((shape) =>
    fc.tuple(shorter(shape), shorter(shape), fc.integer({ min: 1, max: 1e6 })).map(([a, b, seed]) => ({ a, b, seed })),
  );

function shorter(shape: readonly number[]) {
  return fc
    .tuple(
      fc.integer({ min: 0, max: shape.length }),
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
    )
    .map(([skip, ones]) => shape.map((extent, axis) => (ones[axis] ? 1 : extent)).slice(skip));
}

const BINARY: [string, (a: Value, b: Value) => Value, ((random: () => number) => number)?][] = [
  ['Add', op.add],
  ['Sub', op.sub],
  ['Mul', op.mul],
  ['Div', op.div, positive],
  ['Pow', op.pow, positive],
  ['Max', (a, b) => op.max(a, b)],
  ['Min', (a, b) => op.min(a, b)],
  ['Sum', (a, b) => op.sum(a, b)],
  ['Mean', (a, b) => makeValue(schemas.Mean, [a, b])],
];

describe.each(BINARY)('%s', (_name, build, sample) => {
  it('broadcast shapes', async () => {
    await fc.assert(
      fc.asyncProperty(broadcastPair, async ({ a, b, seed }) => {
        const test = { shapes: [a, b], build, seed, ...(sample && { sample }) };
        expect(await gradientError(test)).toBeLessThan(TOLERANCE);
      }),
      { numRuns: 12, seed: 7 },
    );
  });

  it.each([
    [
      'named extents',
      [
        ['n', 3],
        ['n', 1],
      ],
    ],
    [
      'extents with other names',
      [
        ['n', 'm'],
        ['k', 'm'],
      ],
    ],
    [
      'unknown extents',
      [
        [null, null],
        [null, null],
      ],
    ],
    ['unknown rank', [null, null]],
    ['one unknown rank', [null, [2, 1]]],
  ])('shapes that are known when running only: %s', async (_title, declared) => {
    const test = {
      shapes: [
        [2, 3],
        [2, 1],
      ],
      build,
      declared,
      ...(sample && { sample }),
    };
    expect(await gradientError(test)).toBeLessThan(TOLERANCE);
    const missing = {
      shapes: [
        [2, 3],
        [1, 3],
      ],
      build,
      declared: [null, null],
      ...(sample && { sample }),
    };
    expect(await gradientError(missing)).toBeLessThan(TOLERANCE);
  });
});

describe('Pow', () => {
  it.each([0.5, 1, 2, 3, -1, 1.7])('by the constant %d', async (exponent) => {
    const test = { shapes: [[2, 3]], build: (x: Value) => op.pow(x, exponent), sample: positive };
    expect(await gradientError(test)).toBeLessThan(TOLERANCE);
  });
});

describe('operands of several kinds', () => {
  it('Where hands each branch its part', async () => {
    const build = (a: Value, b: Value) => op.where(op.greater(a, b), op.mul(a, 3), op.mul(b, b));
    expect(await gradientError({ shapes: [[3, 4], [4]], build })).toBeLessThan(TOLERANCE);
  });

  it('Mod of floats', async () => {
    const sample = (random: () => number, index: number) => (index === 0 ? random() * 8 - 4 : 1.3 + random() * 0.2);
    const build = (a: Value, b: Value) => makeValue(schemas.Mod, [a, b], { fmod: 1 });
    expect(await gradientError({ shapes: [[3, 4], [4]], build, sample })).toBeLessThan(TOLERANCE);
  });

  it('Max of three, Min of three', async () => {
    const build = (a: Value, b: Value, c: Value) => op.add(op.max(a, b, c), op.min(a, op.mul(b, 2), c));
    expect(await gradientError({ shapes: [[3, 4], [4], [3, 1]], build })).toBeLessThan(TOLERANCE);
  });

  it('Clip between bounds that are parameters', async () => {
    const build = (x: Value, low: Value, high: Value) => makeValue(schemas.Clip, [x, op.sub(low, 3), op.add(high, 3)]);
    const sample = (random: () => number, index: number) => (random() - 0.5) * (index === 0 ? 10 : 1);
    expect(await gradientError({ shapes: [[5, 4], [], []], build, sample })).toBeLessThan(TOLERANCE);
  });

  it('PRelu with a slope per channel', async () => {
    expect(
      await gradientError({
        shapes: [
          [2, 3, 4],
          [3, 1],
        ],
        build: (x, s) => op.prelu(x, s),
      }),
    ).toBeLessThan(TOLERANCE);
  });

  it('Cast passes the gradient in the other type', async () => {
    const build = (x: Value) => op.mul(op.cast(op.cast(x, 'float32'), 'float64'), constant(3, 'float64'));
    const { gradient } = await import('../index.js');
    const { input } = await import('@rheobase/exporter');
    const { numbers, runGraph } = await import('../../../test/run-graph.js');
    const x = input('x', 'float64', [2]);
    const [dx] = gradient(op.reduceSum(build(x), { keepdims: false }), [x]);
    const [result] = await runGraph([x], [dx], [{ dtype: 'float64', shape: [2], data: Float64Array.of(1, 2) }]);
    expect([dx.dtype, numbers(result)]).toEqual(['float64', [3, 3]]);
  });
});
