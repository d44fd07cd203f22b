/** Samples summed up for a report, and the one verdict that may be drawn from a comparison of two. */
import { sortedQuantile } from '@rheobase/exporter';
import { type BootstrapOptions, type Interval, medianInterval, type Rounds } from './bootstrap.js';

/** Times in ms. */
export interface TimingSummary {
  readonly runs: number;
  readonly medianMs: number;
  readonly ciLowMs: number;
  readonly ciHighMs: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
}

/** Runs a second with their interval, of times in ms; null where the clock saw no time pass. */
export function perSecond({
  medianMs,
  ciLowMs,
  ciHighMs,
}: Pick<TimingSummary, 'medianMs' | 'ciLowMs' | 'ciHighMs'>): Interval | null {
  if (ciLowMs === 0) return null;
  return { median: 1000 / medianMs, ciLow: 1000 / ciHighMs, ciHigh: 1000 / ciLowMs };
}

/** Null where no round was finished. */
export function summarizeTiming(rounds: Rounds, options: BootstrapOptions = {}): TimingSummary | null {
  const sorted = Float64Array.from(rounds.flat()).sort();
  if (sorted.length === 0) return null;
  const { median, ciLow, ciHigh } = medianInterval(rounds, options);
  return {
    runs: sorted.length,
    medianMs: median,
    ciLowMs: ciLow,
    ciHighMs: ciHigh,
    p90Ms: sortedQuantile(sorted, 0.9),
    p99Ms: sortedQuantile(sorted, 0.99),
  };
}

export type SpeedVerdict = 'faster' | 'slower' | 'no difference';

/**
 * What a ratio of run times (this one / the other) says. A report makes many such comparisons, and of 95 % intervals one
 * in twenty misses the truth; so a difference is claimed only when the interval excludes 1 even when made half as wide
 * again (three standard deviations instead of two), and by a margin of 2 %: that much can come from where in memory a
 * program happens to lie (Mytkowicz et al., "Producing Wrong Data Without Doing Anything Obviously Wrong!", ASPLOS 2009),
 * and is no property of a backend.
 */
export function speedVerdict({ ciLow, ciHigh }: Interval): SpeedVerdict {
  const caution = Math.max(MARGIN, (ciHigh - ciLow) / 4);
  if (ciHigh + caution < 1) return 'faster';
  if (ciLow - caution > 1) return 'slower';
  return 'no difference';
}

const MARGIN = 0.02;
