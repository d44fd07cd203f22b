import { describe, expect, it } from 'vitest';
import { meanInterval } from './mean-interval.js';
import { studentQuantile } from './student.js';

describe('meanInterval', () => {
  it('is that of Student for few values', () => {
    const { mean, ciLow, ciHigh } = meanInterval([1, 2, 3, 4, 5]);
    // s = √2.5, t₀.₉₇₅ of four degrees of freedom = 2.776
    expect(mean).toBe(3);
    expect(ciLow).toBeCloseTo(3 - 2.776 * Math.sqrt(0.5), 3);
    expect(ciHigh).toBeCloseTo(3 + 2.776 * Math.sqrt(0.5), 3);
  });

  it('of several that are to hold at once is wider: Bonferroni', () => {
    // t₀.₉₉₅ of four degrees of freedom = 4.604
    expect(meanInterval([1, 2, 3, 4, 5], 5).ciHigh).toBeCloseTo(3 + 4.604 * Math.sqrt(0.5), 3);
  });

  it.each([
    [0.975, 1, 12.706],
    [0.975, 2, 4.303],
    [0.975, 9, 2.262],
    [0.975, 30, 2.042],
    [0.995, 1, 63.657],
    [0.9995, 10, 4.587],
  ])('the quantile %d of %i degrees of freedom is that of the tables', (probability, freedom, expected) => {
    expect(studentQuantile(probability, freedom)).toBeCloseTo(expected, 3);
  });

  it('has no ends for one value', () => {
    expect(meanInterval([0.5])).toEqual({ mean: 0.5, ciLow: null, ciHigh: null });
  });
});
