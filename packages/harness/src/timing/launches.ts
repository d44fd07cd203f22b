/**
 * The ratio of two models over several launches. A model that is loaded again may run 10 or 20 % faster or slower from
 * then on (where its buffers came to lie, how its threads were placed), and no number of runs of one launch shows that. So
 * launches are the sample: each gives one ratio, and the interval is Student's over their logarithms, which a ratio and
 * its inverse share ("launches" after Kalibera and Jones, "Rigorous Benchmarking in Reasonable Time", ISMM 2013).
 */
import { type BootstrapOptions, type Interval, type Rounds, ratioInterval } from './bootstrap.js';
import { median } from './statistics.js';

/** What one launch gave: the rounds of both sides, which ran by turns. */
export interface Launch {
  readonly a: Rounds;
  readonly b: Rounds;
}

/** Two-sided 95 % quantiles of Student's t, by degrees of freedom from 1 on. */
const STUDENT_95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145];
const NORMAL_95 = 1.96;

/**
 * Time of `a` / time of `b`: the geometric mean over the launches with its 95 % interval. One launch alone is judged by
 * its rounds. Null where the clock was too coarse for a side to have taken any time.
 */
export function launchRatio(launches: readonly Launch[], options: BootstrapOptions = {}): Interval | null {
  if (launches.length === 1) return ratioInterval(launches[0].a, launches[0].b, options);
  const logs = launches.map(({ a, b }) => Math.log(median(a.flat()) / median(b.flat())));
  if (logs.length === 0 || !logs.every(Number.isFinite)) return null;
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  const half = (STUDENT_95[logs.length - 2] ?? NORMAL_95) * Math.sqrt(variance / logs.length);
  return { median: Math.exp(mean), ciLow: Math.exp(mean - half), ciHigh: Math.exp(mean + half) };
}

/**
 * Half the 95 % interval of the logarithm of a ratio of two launches of one model on one backend: launches of one model
 * were found to differ by 10 to 26 % in time, on a machine of two cores.
 */
const LAUNCH_LUCK = Math.log(1.25);

/**
 * A ratio from one launch of each side with the interval that its rounds give, made as much wider as launches differ: the
 * two are independent, so their halves add as squares, in the logarithm.
 */
export function withLaunchLuck({ median, ciLow, ciHigh }: Interval): Interval {
  const wider = (end: number): number => Math.hypot(Math.log(end / median), LAUNCH_LUCK);
  return { median, ciLow: median * Math.exp(-wider(ciLow)), ciHigh: median * Math.exp(wider(ciHigh)) };
}
