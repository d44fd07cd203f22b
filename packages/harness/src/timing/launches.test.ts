import { normal, random } from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { ratioInterval } from './bootstrap.js';
import { type Launch, launchRatio, withLaunchLuck } from './launches.js';
import { speedVerdict } from './summary.js';

/** Launches of two sides that take 1 ms and `slower` ms, each with a luck of its own that lasts as long as the launch. */
function launches(
  count: number,
  { seed, luck, slower = 1 }: { seed: number; luck: number; slower?: number },
): Launch[] {
  const stream = random(seed, 'launches');
  const side = (ms: number) => {
    const lucky = ms * Math.exp(luck * normal(stream));
    return Array.from({ length: 10 }, () => Array.from({ length: 3 }, () => lucky * (1 + 0.01 * normal(stream))));
  };
  return Array.from({ length: count }, () => ({ a: side(slower), b: side(1) }));
}

const verdicts = (trials: number, options: { luck: number; slower?: number }) =>
  Array.from({ length: trials }, (_, seed) => {
    const ratio = launchRatio(launches(6, { seed, ...options }), { seed });
    return ratio === null ? 'none' : speedVerdict(ratio);
  });

describe('the ratio over launches', () => {
  it('finds no difference between like and like, whatever the luck of launches', () => {
    expect(verdicts(100, { luck: 0.1 }).filter((verdict) => verdict === 'no difference').length).toBeGreaterThan(94);
  });

  it('finds a difference that stands out from it', () => {
    expect(verdicts(100, { luck: 0.05, slower: 1.5 }).filter((verdict) => verdict === 'slower').length).toBeGreaterThan(
      94,
    );
  });

  it('is the inverse of itself the other way round', () => {
    const taken = launches(5, { seed: 3, luck: 0.1, slower: 1.2 });
    const [there, back] = [launchRatio(taken), launchRatio(taken.map(({ a, b }) => ({ a: b, b: a })))];
    expect((there?.median ?? 0) * (back?.median ?? 0)).toBeCloseTo(1, 12);
    expect((there?.ciLow ?? 0) * (back?.ciHigh ?? 0)).toBeCloseTo(1, 12);
  });

  it('is that of the rounds where there is one launch, and none where the clock stood still', () => {
    const [one] = launches(1, { seed: 1, luck: 0, slower: 2 });
    expect(launchRatio([one])?.median).toBeCloseTo(2, 1);
    const still = { a: [[1]], b: [[0]] };
    expect([launchRatio([still]), launchRatio([still, still]), launchRatio([])]).toEqual([null, null, null]);
  });
});

describe('the ratio of one launch each', () => {
  const verdictsOfOne = (luck: number, slower = 1) =>
    Array.from({ length: 100 }, (_, seed) => {
      const [{ a, b }] = launches(1, { seed, luck, slower });
      const ratio = ratioInterval(a, b, { seed, resamples: 400 });
      return ratio === null ? 'none' : speedVerdict(withLaunchLuck(ratio, 1));
    });

  it('finds no difference between like and like, though its rounds alone would', () => {
    expect(verdictsOfOne(0.05).filter((verdict) => verdict === 'no difference').length).toBeGreaterThan(94);
    const [{ a, b }] = launches(1, { seed: 1, luck: 0.05 });
    const narrow = ratioInterval(a, b);
    expect(narrow && (narrow.ciLow > 1 || narrow.ciHigh < 1)).toBe(true);
  });

  it('finds a difference that no launch makes', () => {
    expect(verdictsOfOne(0.05, 2).filter((verdict) => verdict === 'slower').length).toBeGreaterThan(94);
  });

  it('is wider where runs are so short that the place of a thread decides', () => {
    const narrow = { median: 1.7, ciLow: 1.69, ciHigh: 1.71 };
    expect(speedVerdict(withLaunchLuck(narrow, 0.05))).toBe('no difference');
    expect(speedVerdict(withLaunchLuck(narrow, 5))).toBe('slower');
  });

  it('is never narrower than its rounds say', () => {
    const { median, ciLow, ciHigh } = withLaunchLuck({ median: 2, ciLow: 1, ciHigh: 8 }, 1);
    expect(median).toBe(2);
    expect(ciLow).toBeLessThan(1);
    expect(ciHigh).toBeGreaterThan(8);
  });
});
