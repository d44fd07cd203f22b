import { op, type Value } from '@rheobase/exporter';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '../../../test/apply.js';
import { gradientError } from '../../../test/gradient-check.js';

const TOLERANCE = 1e-6;
const positive = (random: () => number) => 0.3 + random() * 2;

const REDUCTIONS: [string, ((random: () => number) => number)?][] = [
  ['ReduceL1'],
  ['ReduceL2'],
  ['ReduceLogSum', positive],
  ['ReduceLogSumExp'],
  ['ReduceMax'],
  ['ReduceMean'],
  ['ReduceMin'],
  ['ReduceProd', positive],
  ['ReduceSum'],
  ['ReduceSumSquare'],
];

describe.each(REDUCTIONS)('%s', (name, sample) => {
  it.each([
    [undefined, true],
    [undefined, false],
    [[1], true],
    [[1], false],
    [[0, -1], false],
    [[0, 2], true],
  ])('axes %j, keepdims %s', async (axes, keepdims) => {
    const build = (x: Value) => apply(name, [op.mul(x, 1.5), axes], { keepdims });
    const test = { shapes: [[2, 3, 4]], build, ...(sample && { sample }) };
    expect(await gradientError(test)).toBeLessThan(TOLERANCE);
    for (const declared of [[['n', 3, null]], [null]]) {
      expect(await gradientError({ ...test, declared })).toBeLessThan(TOLERANCE);
    }
  });
});

describe('random shapes', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 });
  const seeds = fc.integer({ min: 1, max: 1e6 });
  const picked = fc.array(fc.boolean(), { minLength: 4, maxLength: 4 });

  it.each(REDUCTIONS)('%s over any axes', async (name, sample) => {
    await fc.assert(
      fc.asyncProperty(shapes, picked, fc.boolean(), seeds, async (shape, chosen, keepdims, seed) => {
        const some = shape.flatMap((_, axis) => (chosen[axis] ? [axis] : []));
        const axes = some.length === 0 ? undefined : some;
        const build = (x: Value) => apply(name, [x, axes], { keepdims });
        const test = { shapes: [shape], build, seed, ...(sample && { sample }) };
        expect(await gradientError(test)).toBeLessThan(TOLERANCE);
      }),
      { numRuns: 8, seed: 17 },
    );
  });

  it('Softmax and LogSoftmax along any axis', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.nat({ max: 3 }), fc.boolean(), seeds, async (shape, at, isLog, seed) => {
        const axis = at % shape.length;
        const build = (x: Value) => (isLog ? op.logSoftmax(x, { axis }) : op.softmax(x, { axis }));
        expect(await gradientError({ shapes: [shape], build, seed })).toBeLessThan(TOLERANCE);
      }),
      { numRuns: 16, seed: 19 },
    );
  });
});

describe('Softmax and LogSoftmax', () => {
  it.each([-1, 0, 1])('axis %d', async (axis) => {
    for (const build of [(x: Value) => op.softmax(x, { axis }), (x: Value) => op.logSoftmax(x, { axis })]) {
      expect(await gradientError({ shapes: [[2, 3, 4]], build })).toBeLessThan(TOLERANCE);
      expect(await gradientError({ shapes: [[2, 3, 4]], declared: [['a', 'b', 4]], build })).toBeLessThan(TOLERANCE);
    }
  });
});
