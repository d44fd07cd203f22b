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
  /** Duration of a run in ms as a warm-up tells it; 0 where it is below the clock's step. */
  readonly typicalMs: number;
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
  { mode, typicalMs, clockResolutionMs = 0 }: SampleLengthOptions,
): Promise<SampleLength> {
  const fewest = mode === 'throughput' ? FEWEST_RUNS : 1;
  const wantedMs = Math.max(CLOCK_STEPS * clockResolutionMs, mode === 'throughput' ? THROUGHPUT_MS : 0);
  let runs = fewest;
  let meanMs = typicalMs;
  // What a run takes is not known where the clock did not see it: longer and longer samples find out.
  while (meanMs * runs < wantedMs && runs < MOST_RUNS) {
    runs = Math.min(2 * runs, MOST_RUNS);
    // The shortest of a few: what disturbs one only ever makes it longer.
    meanMs = Math.min(...(await time(3, runs)));
  }
  const enough = meanMs > 0 ? Math.ceil(wantedMs / meanMs) : runs;
  return { runsPerSample: Math.min(Math.max(enough, fewest), MOST_RUNS), typicalMs: meanMs };
}
