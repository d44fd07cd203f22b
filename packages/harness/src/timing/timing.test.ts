import { normal, quantile, type Random, random as streamOf } from '@rheobase/exporter';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianInterval, type Rounds, ratioInterval } from './bootstrap.js';
import { interleavedRounds } from './interleaved-rounds.js';
import { speedVerdict, summarizeTiming } from './summary.js';
import { warmUp } from './warm-up.js';

/** Skewed run times with a disturbance that a whole round shares, as real ones have. */
function simulatedRounds(random: Random, count: number, shared: readonly number[], typicalMs = 1): Rounds {
  return shared.slice(0, count).map((slowdown) => {
    const own = 1 + 0.02 * Math.abs(normal(random));
    return Array.from({ length: 2 }, () => typicalMs * slowdown * own * Math.exp(0.05 * normal(random)));
  });
}

const drift = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => Math.exp(0.2 * normal(random)));

describe('bootstrap intervals', () => {
  it('the estimate is the plain median and lies within its interval', () => {
    const samples = fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(samples, (times) => {
        const { median, ciLow, ciHigh } = medianInterval(
          times.map((ms) => [ms]),
          { resamples: 200 },
        );
        expect(median).toBeCloseTo(quantile(times, 0.5), 9);
        expect(ciLow).toBeLessThanOrEqual(median);
        expect(ciHigh).toBeGreaterThanOrEqual(median);
      }),
    );
  });

  it('the same seed gives the same interval', () => {
    const rounds = [
      [1, 2],
      [3, 2],
      [4, 1],
    ];
    expect(medianInterval(rounds, { seed: 5 })).toEqual(medianInterval(rounds, { seed: 5 }));
  });

  it('the interval of a median covers the true one about 95 times in 100', () => {
    const random = streamOf(11);
    const covered = Array.from({ length: 300 }, (_, trial) => {
      const rounds = Array.from({ length: 15 }, () => [Math.exp(0.3 * normal(random))]);
      const { ciLow, ciHigh } = medianInterval(rounds, { seed: trial, resamples: 500 });
      return ciLow <= 1 && 1 <= ciHigh;
    }).filter(Boolean).length;
    expect(covered / 300).toBeGreaterThan(0.9);
    expect(covered / 300).toBeLessThan(0.995);
  });

  it('a ratio pairs rounds: what slows a whole round down largely cancels out', () => {
    const random = streamOf(12);
    const widths = Array.from({ length: 30 }, (_, seed) => {
      const shared = drift(random, 15);
      const a = simulatedRounds(random, 15, shared, 2);
      const width = (b: Rounds): number => {
        const ratio = ratioInterval(a, b, { seed, resamples: 300 });
        return ratio === null ? Number.NaN : ratio.ciHigh - ratio.ciLow;
      };
      return {
        paired: width(simulatedRounds(random, 15, shared)),
        unpaired: width(simulatedRounds(random, 15, drift(random, 15))),
      };
    });
    const total = (which: 'paired' | 'unpaired') => widths.reduce((sum, width) => sum + width[which], 0);
    expect(total('paired')).toBeLessThan(total('unpaired') * 0.6);
  });

  it('rounds that only one side finished are left out', () => {
    expect(ratioInterval([[2], [2], [900]], [[1], [1]])).toEqual({ median: 2, ciLow: 2, ciHigh: 2 });
    expect(ratioInterval([], [[1]])).toBeNull();
  });

  it('no ratio is given where the clock saw no time pass', () => {
    expect(ratioInterval([[1], [1]], [[0], [0]])).toBeNull();
  });
});

describe('the speed verdict', () => {
  it.each([
    [0.5, 0.8, 'faster'],
    [1.2, 1.5, 'slower'],
    [0.9, 1.1, 'no difference'],
    [0.97, 0.99, 'no difference'],
    [1.05, 1.35, 'no difference'],
    [1.05, 1.15, 'slower'],
  ])('of the interval [%f, %f] is %s', (ciLow, ciHigh, verdict) => {
    expect(speedVerdict({ median: (ciLow + ciHigh) / 2, ciLow, ciHigh })).toBe(verdict);
  });

  it('a subject timed against itself shows no difference in at least 98 of 100 trials', () => {
    const random = streamOf(13);
    const verdicts = Array.from({ length: 200 }, (_, trial) => {
      const shared = drift(random, 15);
      const ratio = ratioInterval(simulatedRounds(random, 15, shared), simulatedRounds(random, 15, shared), {
        seed: trial,
        resamples: 500,
      });
      return ratio === null ? 'none' : speedVerdict(ratio);
    });
    expect(verdicts.filter((verdict) => verdict === 'no difference').length).toBeGreaterThanOrEqual(196);
  });
});

describe('interleaved rounds', () => {
  const subject = (id: string, ms: number, order: string[] = []) => ({
    id,
    time: async (runs: number) => {
      order.push(id);
      return Array.from({ length: runs }, () => ms);
    },
  });

  it('every round times every subject once, in changing order', async () => {
    const order: string[] = [];
    const timed = await interleavedRounds([subject('a', 30, order), subject('b', 30, order)], { runs: 20, rounds: 10 });
    expect(timed.get('a')?.rounds.length).toBe(10);
    expect(timed.get('a')?.rounds.every((times) => times.length === 2)).toBe(true);
    const rounds = order.slice(-20);
    const pairs = Array.from({ length: 10 }, (_, round) => rounds.slice(2 * round, 2 * round + 2).join(''));
    expect(new Set(pairs)).toEqual(new Set(['ab', 'ba']));
  });

  it('a subject that fails keeps its rounds, and the others complete', async () => {
    let calls = 0;
    const failing = {
      id: 'bad',
      time: async (runs: number) => {
        calls += 1;
        if (calls > 5) throw new Error('gone');
        return Array.from({ length: runs }, () => 30);
      },
    };
    const timed = await interleavedRounds([failing, subject('good', 30)], { runs: 10, rounds: 10 });
    expect(timed.get('bad')?.failure?.error).toEqual(new Error('gone'));
    expect(timed.get('bad')?.rounds.length).toBeGreaterThan(0);
    expect(timed.get('good')).toMatchObject({ failure: null, rounds: { length: 10 } });
  });

  it('a fast subject is run more often, so that a round lasts 10 ms', async () => {
    const timed = await interleavedRounds([subject('fast', 0.5)], { runs: 10 });
    expect(timed.get('fast')?.rounds).toEqual(Array.from({ length: 10 }, () => Array.from({ length: 20 }, () => 0.5)));
  });

  it('a slow subject stops after its budget, though not before five rounds', async () => {
    const timed = await interleavedRounds([subject('slow', 1000), subject('fast', 1)], {
      runs: 30,
      rounds: 15,
      budgetMs: 3000,
    });
    expect(timed.get('slow')?.rounds).toEqual(Array.from({ length: 5 }, () => [1000]));
    expect(timed.get('fast')?.rounds).toEqual(Array.from({ length: 15 }, () => Array.from({ length: 10 }, () => 1)));
  });
});

describe('warm-up', () => {
  it('ends when times have settled', async () => {
    const times = [90, 40, 12, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10];
    let next = 0;
    const { runs, typicalMs, settled } = await warmUp(async (count) => {
      next += count;
      return times.slice(next - count, next);
    });
    expect({ runs, typicalMs, settled }).toEqual({ runs: 15, typicalMs: 10, settled: true });
  });

  it('is not settled by a few quick runs that are alike: those of a fast model go on for 10 ms', async () => {
    const alike = async (runs: number) => Array.from({ length: runs }, () => 0.05);
    const { runs, settled } = await warmUp(alike);
    expect(settled).toBe(true);
    expect(runs * 0.05).toBeGreaterThan(10);
  });

  it('ends where the clock sees no run', async () => {
    expect((await warmUp(async (runs) => new Array<number>(runs).fill(0))).runs).toBeLessThan(5000);
  });

  it('ends at its budget where they never do', async () => {
    let ms = 1;
    const growing = async (runs: number) =>
      Array.from({ length: runs }, () => {
        ms *= 2;
        return ms;
      });
    expect((await warmUp(growing, { budgetMs: 100 })).settled).toBe(false);
  });
});

it('a summary has the number of runs, the median with its interval, and the tail', () => {
  const rounds = Array.from({ length: 10 }, (_, round) => [round + 1]);
  const summary = summarizeTiming(rounds);
  expect(summary).toMatchObject({ runs: 10, medianMs: 5.5 });
  expect(summary?.p90Ms).toBeCloseTo(9.1, 10);
  expect(summary?.p99Ms).toBeCloseTo(9.91, 10);
  expect(summarizeTiming([])).toBeNull();
});
