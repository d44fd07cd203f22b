import { describe, expect, it } from 'vitest';
import { floats } from '../fixtures/models.js';
import { EXACT } from '../tolerances/index.js';
import { compareTensors } from './comparison.js';
import { HistogramBuilder } from './error-histogram.js';

const histogramOf = (actual: readonly number[], expected: readonly number[]) =>
  compareTensors(floats([actual.length], actual), floats([expected.length], expected), { tolerance: EXACT }).histogram;

describe('the histogram of a comparison', () => {
  it('counts pairs by decade of their difference, and by power of two of their ULP', () => {
    const one = 1 + 2 ** -23;
    expect(histogramOf([1, 1, one, 1 + 3 * 2 ** -23, 5], [1, 1, 1, 1, 3])).toEqual({
      equal: 2,
      abs: [
        { low: 1e-7, high: 1e-6, count: 2 },
        { low: 1, high: 10, count: 1 },
      ],
      ulp: [
        { low: 1, high: 2, count: 1 },
        { low: 2, high: 4, count: 1 },
        { low: 2 ** 22, high: 2 ** 23, count: 1 },
      ],
    });
  });

  it('leaves out what has no distance', () => {
    expect(histogramOf([Number.NaN, 1, Infinity], [1, 1, 1])).toEqual({ equal: 1, abs: [], ulp: [] });
  });

  it.each([1e-7, 1e-6, 0.1, 1, 10, 1e22, 1e23, 5e-324, 1.7e308, 9.999999e-7])('puts %d into its decade', (value) => {
    const builder = new HistogramBuilder();
    builder.add(value, 1);
    const [bin] = builder.result(1).abs;
    expect(bin?.low).toBeLessThanOrEqual(value);
    expect(bin?.high).toBeGreaterThan(value);
  });
});

describe('terms of sums', () => {
  const tolerance = { ...EXACT, scale: 1e-6 };
  it('allow an element that cancels the error of what it was added up from', () => {
    const [actual, expected] = [floats([2], [1, 0]), floats([2], [0, 0])];
    expect(compareTensors(actual, expected, { tolerance }).verdict).toBe('diverge');
    expect(compareTensors(actual, expected, { tolerance, terms: floats([2], [2e6, 0]) }).verdict).toBe('agree');
    expect(compareTensors(actual, expected, { tolerance, terms: floats([2], [1e3, 2e6]) }).verdict).toBe('diverge');
  });

  it('that overflow allow anything', () => {
    const [actual, expected] = [floats([1], [Number.NaN]), floats([1], [Infinity])];
    expect(compareTensors(actual, expected, { tolerance, terms: floats([1], [Infinity]) }).verdict).toBe('agree');
  });
});
