import { describe, expect, it } from 'vitest';
import { random } from './random.js';

const take = (count: number, next: () => number) => Array.from({ length: count }, next);

describe('random', () => {
  it('gives the same stream for a seed, on every machine', () => {
    const { uint32 } = random(42);
    expect(take(3, uint32)).toEqual(take(3, random(42).uint32));
    expect(take(3, random(1).uint32)).not.toEqual(take(3, random(2).uint32));
  });

  it('gives each name a stream of its own', () => {
    expect(take(3, random(1, 'a').uint32)).not.toEqual(take(3, random(1, 'b').uint32));
  });

  it('is uniform in [0, 1)', () => {
    const { uniform } = random(7);
    const numbers = take(100_000, uniform);
    const counts = new Array<number>(10).fill(0);
    for (const number of numbers) counts[Math.floor(number * 10)] += 1;
    // Chi-square with 9 degrees of freedom: 27.9 is passed by chance once in a thousand seeds.
    expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.9);
    expect(numbers.every((number) => number >= 0 && number < 1 && Math.fround(number) === number)).toBe(true);
  });
});
