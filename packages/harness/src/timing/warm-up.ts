/**
 * Warm-up: runs whose times are thrown away, until they settle. The first runs of a session allocate buffers, compile
 * shaders and let the processor raise its clock, and a JavaScript engine compiles WASM a second time, for speed, while it
 * runs; how many runs that takes differs by provider, so it is watched, not fixed.
 */
import { median } from '@rheobase/exporter';

/** Takes samples of a session: each the mean duration in ms of so many runs back to back. */
export type TimeRuns = (samples: number, runsPerSample: number) => Promise<readonly number[]>;

export interface WarmUpOptions {
  /** Warm-up ends once it took this long in ms, however unsettled. Default 2,000. */
  readonly budgetMs?: number;
  /** Runs after which it ends unsettled, provided that they took `unsettledMs`. Default 50. */
  readonly maxRuns?: number;
  /** Time in ms that `maxRuns` must have taken for that; default 200. */
  readonly unsettledMs?: number;
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

/** Where the clock is too coarse for a run, blocks never seem to last. */
const MOST_IN_BLOCK = 1024;
/** Blocks double up to so many runs, and until one lasts so long: a shorter one sees too little of the machine to be called settled. */
const FEWEST_IN_BLOCK = 8;
const BLOCK_MS = 10;

export async function warmUp(
  time: TimeRuns,
  { budgetMs = 2000, maxRuns = 50, unsettledMs = 200, settled = 0.05 }: WarmUpOptions = {},
): Promise<WarmUp> {
  let spentMs = 0;
  let runs = 0;
  let block = 1;
  let before: number | null = null;
  for (;;) {
    const times = await time(block, 1);
    const typicalMs = median(times);
    const blockMs = times.reduce((sum, ms) => sum + ms, 0);
    runs += block;
    spentMs += blockMs;
    const isLong = blockMs >= BLOCK_MS || block >= MOST_IN_BLOCK;
    const isSettled = isLong && before !== null && Math.abs(typicalMs - before) <= settled * before;
    const isEnough = runs >= maxRuns && (spentMs >= unsettledMs || block >= MOST_IN_BLOCK);
    if (isSettled || isEnough || spentMs >= budgetMs) {
      return { runs, typicalMs, fastestMs: Math.min(...times), settled: isSettled };
    }
    before = typicalMs;
    if (!isLong || block < FEWEST_IN_BLOCK) block *= 2;
  }
}
