import { describe, expect, it } from 'vitest';
import { interleavedRounds } from './interleaved-rounds.js';
import { sampleLength } from './sample-length.js';

/** A session whose runs take `ms`, timed by a clock with steps of `step` ms; what was asked of it is kept. */
function clocked(ms: number, step: number) {
  const asked: number[] = [];
  const time = async (samples: number, runsPerSample: number) =>
    Array.from({ length: samples }, () => {
      asked.push(runsPerSample);
      return (Math.floor((ms * runsPerSample) / step + 1e-9) * step) / runsPerSample;
    });
  return { time, asked };
}

describe('a sample', () => {
  it('is one run where the clock is fine, and none is spent to find out', async () => {
    const { time, asked } = clocked(0.5, 0.0001);
    const length = await sampleLength(time, {
      mode: 'latency',
      typicalMs: 0.6,
      fastestMs: 0.5,
      clockResolutionMs: 0.0001,
    });
    expect(length).toEqual({ runsPerSample: 1, typicalMs: 0.6 });
    expect(asked).toEqual([]);
  });

  it.each([
    { ms: 0.02, step: 0.1, typicalMs: 0 },
    { ms: 0.02, step: 0.005, typicalMs: 0.02 },
    { ms: 0.9, step: 1, typicalMs: 0 },
  ])('lasts a hundred steps of a coarse clock: runs of $ms ms, steps of $step ms', async ({ ms, step, typicalMs }) => {
    const { time } = clocked(ms, step);
    const { runsPerSample, typicalMs: found } = await sampleLength(time, {
      mode: 'latency',
      typicalMs,
      fastestMs: typicalMs,
      clockResolutionMs: step,
    });
    expect(runsPerSample * ms).toBeGreaterThanOrEqual(99 * step);
    expect(runsPerSample * ms).toBeLessThan(220 * step);
    expect(Math.abs(found - ms)).toBeLessThan(0.02 * ms);
  });

  it('of throughput is 25 ms of runs back to back, and two at least', async () => {
    const { time } = clocked(0.5, 0.0001);
    const fast = await sampleLength(time, { mode: 'throughput', typicalMs: 0.5, fastestMs: 0.5 });
    expect(fast.runsPerSample).toBe(50);
    expect((await sampleLength(time, { mode: 'throughput', typicalMs: 400, fastestMs: 400 })).runsPerSample).toBe(2);
  });

  it('is long enough though the warm-up was disturbed', async () => {
    const { time } = clocked(0.02, 0.005);
    const disturbed = { mode: 'latency', typicalMs: 3, fastestMs: 0.02, clockResolutionMs: 0.005 } as const;
    expect((await sampleLength(time, disturbed)).runsPerSample * 0.02).toBeGreaterThanOrEqual(0.49);
  });

  it('ends where the clock stands still', async () => {
    const still = await sampleLength(async () => [0], {
      mode: 'latency',
      typicalMs: 0,
      fastestMs: 0,
      clockResolutionMs: 1,
    });
    expect(still).toEqual({ runsPerSample: 100_000, typicalMs: 0 });
  });
});

it('rounds of a run far below the clock’s step still tell its time', async () => {
  const { time } = clocked(0.013, 0.1);
  const timed = await interleavedRounds([{ id: 'fast', time, clockResolutionMs: 0.1 }], { runs: 10 });
  const { rounds = [], runsPerSample = 0 } = timed.get('fast') ?? {};
  expect(runsPerSample).toBeGreaterThan(700);
  for (const ms of rounds.flat()) expect(Math.abs(ms - 0.013)).toBeLessThan(0.013 * 0.011);
});
