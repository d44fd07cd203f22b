/**
 * How many runs one sample holds. For latency it is one, unless the clock is too coarse for a run: then as many as make
 * the clock's step a hundredth of the sample. For throughput it is many back to back: whatever lies between runs
 * (preparing the next, collecting garbage, bringing outputs back) counts, as it does for who runs them in a loop.
 */
import type { TimeRuns } from './warm-up.js';

/**
 * - `latency`: how long one run takes, from its call to its outputs.
 * - `throughput`: how many runs a second are done, back to back.
 */
export type TimingMode = 'latency' | 'throughput';

export interface SampleLengthOptions {
  readonly mode: TimingMode;
  /** Durations of a run in ms as a warm-up tells them; 0 where they are below the clock's step. */
  readonly typicalMs: number;
  readonly fastestMs: number;
  /** The smallest step of the clock in ms, where it is known. */
  readonly clockResolutionMs?: number | undefined;
}

export interface SampleLength {
  readonly runsPerSample: number;
  /** Duration of a run in ms, as samples of such a length tell it. */
  readonly typicalMs: number;
}

/** A sample lasts so many steps of the clock at least, so that reading it is wrong by at most a hundredth. */
const CLOCK_STEPS = 100;
const THROUGHPUT_MS = 25;
/** One run back to back with nothing is no throughput. */
const FEWEST_RUNS = 2;
const MOST_RUNS = 100_000;

export async function sampleLength(
  time: TimeRuns,
  { mode, typicalMs, fastestMs, clockResolutionMs = 0 }: SampleLengthOptions,
): Promise<SampleLength> {
  const fewest = mode === 'throughput' ? FEWEST_RUNS : 1;
  const wantedMs = Math.max(CLOCK_STEPS * clockResolutionMs, mode === 'throughput' ? THROUGHPUT_MS : 0);
  let runs = fewest;
  // By the fastest run: a warm-up that was disturbed would make samples too short.
  let meanMs = fastestMs;
  // What a run takes is not known where the clock did not see it, and less where it was disturbed: longer samples find out.
  while (meanMs * runs < wantedMs && runs < MOST_RUNS) {
    const needed = meanMs > 0 ? Math.ceil(wantedMs / meanMs) : 0;
    runs = Math.min(Math.max(needed, 2 * runs), MOST_RUNS);
    // The shortest of a few: what disturbs one only ever makes it longer.
    meanMs = Math.min(...(await time(3, runs)));
  }
  return { runsPerSample: runs, typicalMs: Math.max(meanMs, typicalMs) };
}
