/**
 * Warm-up: runs whose times are thrown away, until they settle. The first runs of a session allocate buffers, compile
 * shaders and let the processor raise its clock; how many that takes differs by provider, so it is watched, not fixed.
 */
import { median } from '@rheobase/exporter';

/** Takes samples of a session: each the mean duration in ms of so many runs back to back. */
export type TimeRuns = (samples: number, runsPerSample: number) => Promise<readonly number[]>;

export interface WarmUpOptions {
  /** Warm-up ends once it took this long in ms, however unsettled. Default 2,000. */
  readonly budgetMs?: number;
  /** Most runs. Default 50. */
  readonly maxRuns?: number;
  /** Two blocks of runs in succession are settled when their medians differ by at most this share. Default 0.05. */
  readonly settled?: number;
}

export interface WarmUp {
  readonly runs: number;
  /** Median of the last block in ms: what a run takes now. */
  readonly typicalMs: number;
  /** The shortest of that block: what a run takes where nothing disturbs it. */
  readonly fastestMs: number;
  readonly settled: boolean;
}

export async function warmUp(
  time: TimeRuns,
  { budgetMs = 2000, maxRuns = 50, settled = 0.05 }: WarmUpOptions = {},
): Promise<WarmUp> {
  let spentMs = 0;
  let runs = 0;
  let before: number | null = null;
  for (let block = 1; ; block = Math.min(block * 2, 10)) {
    const times = await time(block, 1);
    const typicalMs = median(times);
    runs += block;
    spentMs += times.reduce((sum, ms) => sum + ms, 0);
    const isSettled = before !== null && Math.abs(typicalMs - before) <= settled * before;
    if (isSettled || runs >= maxRuns || spentMs >= budgetMs) {
      return { runs, typicalMs, fastestMs: Math.min(...times), settled: isSettled };
    }
    before = typicalMs;
  }
}
