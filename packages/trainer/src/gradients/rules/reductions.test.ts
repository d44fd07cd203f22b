import { op, type Value } from '@rheobase/exporter';
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

describe('Softmax and LogSoftmax', () => {
  it.each([-1, 0, 1])('axis %d', async (axis) => {
    for (const build of [(x: Value) => op.softmax(x, { axis }), (x: Value) => op.logSoftmax(x, { axis })]) {
      expect(await gradientError({ shapes: [[2, 3, 4]], build })).toBeLessThan(TOLERANCE);
      expect(await gradientError({ shapes: [[2, 3, 4]], declared: [['a', 'b', 4]], build })).toBeLessThan(TOLERANCE);
    }
  });
});
