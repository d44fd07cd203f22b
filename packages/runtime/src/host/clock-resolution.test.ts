import { describe, expect, it } from 'vitest';
import { clockResolution } from './clock-resolution.js';

/** A clock that is read every 1.3 µs and answers whole multiples of `step` ms. */
function coarse(step: number): () => number {
  let reads = 0;
  return () => {
    reads += 1;
    return Math.floor((reads * 0.0013) / step) * step;
  };
}

describe('the resolution of a clock', () => {
  it.each([0.005, 0.1, 1])('is its step: %f ms', (step) => {
    expect(clockResolution(coarse(step))).toBeCloseTo(step, 9);
  });

  it('is told of a clock whose steps are longer than one would wait', () => {
    expect(clockResolution(coarse(100))).toBeCloseTo(100, 9);
  });

  it('of this process is far below a millisecond', () => {
    expect(clockResolution()).toBeGreaterThan(0);
    expect(clockResolution()).toBeLessThan(0.1);
  });
});
