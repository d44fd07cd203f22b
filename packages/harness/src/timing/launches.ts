/**
 * The ratio of two models over several launches. A model that is loaded again may run 10 or 20 % faster or slower from
 * then on (where its buffers came to lie, how its threads were placed), and no number of runs of one launch shows that. So
 * launches are the sample: each gives one ratio, and the interval is Student's over their logarithms, which a ratio and
 * its inverse share ("launches" after Kalibera and Jones, "Rigorous Benchmarking in Reasonable Time", ISMM 2013).
 */
import { meanInterval, median } from '@rheobase/exporter';
import { type BootstrapOptions, type Interval, type Rounds, ratioInterval } from './bootstrap.js';

/** What one launch gave: the rounds of both sides, which ran by turns. */
export interface Launch {
  readonly a: Rounds;
  readonly b: Rounds;
}

/**
 * Time of `a` / time of `b`: the geometric mean over the launches with its 95 % interval. One launch alone is judged by
 * its rounds. Null where the clock was too coarse for a side to have taken any time.
 */
export function launchRatio(launches: readonly Launch[], options: BootstrapOptions = {}): Interval | null {
  if (launches.length === 1) return ratioInterval(launches[0].a, launches[0].b, options);
  const logs = launches.map(({ a, b }) => Math.log(median(a.flat()) / median(b.flat())));
  if (logs.length === 0 || !logs.every(Number.isFinite)) return null;
  const { mean, ciLow, ciHigh } = meanInterval(logs);
  return { median: Math.exp(mean), ciLow: Math.exp(ciLow ?? mean), ciHigh: Math.exp(ciHigh ?? mean) };
}

/**
 * What chance alone makes of a ratio of two launches of one model on one backend, as factors. They were found to differ by
 * 10 to 26 % on a machine of two cores; where a run is over in a fraction of a millisecond, by up to 1.9: its threads stay
 * where the system put them, and either wait for each other or do not.
 */
const LAUNCH_LUCK = 1.25;
const LAUNCH_LUCK_OF_SHORT_RUNS = 1.75;
const SHORT_RUN_MS = 1;

/**
 * A ratio from one launch of each side with the interval that its rounds give, made as much wider as launches differ: the
 * two are independent, so their halves add as squares, in the logarithm. `runMs`: duration of a run of the faster side.
 */
export function withLaunchLuck({ median, ciLow, ciHigh }: Interval, runMs: number): Interval {
  const luck = Math.log(runMs < SHORT_RUN_MS ? LAUNCH_LUCK_OF_SHORT_RUNS : LAUNCH_LUCK);
  const wider = (end: number): number => Math.hypot(Math.log(end / median), luck);
  return { median, ciLow: median * Math.exp(-wider(ciLow)), ciHigh: median * Math.exp(wider(ciHigh)) };
}
