import { describe, expect, it } from 'vitest';
import { meanInterval } from './interval.js';

describe('meanInterval', () => {
  it('is that of Student for few values', () => {
    const { mean, ciLow, ciHigh } = meanInterval([1, 2, 3, 4, 5]);
    // s = √2.5, t₀.₉₇₅ of four degrees of freedom = 2.776
    expect(mean).toBe(3);
    expect(ciLow).toBeCloseTo(3 - 2.776 * Math.sqrt(0.5), 3);
    expect(ciHigh).toBeCloseTo(3 + 2.776 * Math.sqrt(0.5), 3);
  });

  it('has no ends for one value', () => {
    expect(meanInterval([0.5])).toEqual({ mean: 0.5, ciLow: null, ciHigh: null });
  });
});
