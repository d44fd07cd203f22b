import { describe, expect, it } from 'vitest';
import { quantile } from './quantile.js';

describe('quantiles', () => {
  it.each([
    [[1, 2, 3], 0.5, 2],
    [[4, 1, 3, 2], 0.5, 2.5],
    [[10, 20], 0.9, 19],
    [[5], 0.99, 5],
  ])('of %j at %f is %f', (sample, q, expected) => {
    expect(quantile(sample, q)).toBeCloseTo(expected, 12);
  });

  it('an empty sample has none', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});
