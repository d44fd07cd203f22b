/**
 * Intervals for a median and for the ratio of two, by the bootstrap: the sample is drawn again from itself many times,
 * and the middle 95 % of the medians so found is the interval (the percentile interval of Efron and Tibshirani,
 * "An Introduction to the Bootstrap", 1993, chapter 13). Nothing is assumed of the distribution of run times, which is
 * skewed and has more than one peak.
 *
 * What is drawn is rounds, not runs: runs of one round follow each other and share their disturbances, so that they are
 * no independent evidence (the block bootstrap). For a ratio both sides keep their rounds together, so that what
 * slowed a whole round (another process, the clock rate) cancels out.
 */
import { integerIn, random } from '@rheobase/exporter';

/** Run times in ms, by round. */
export type Rounds = readonly (readonly number[])[];

export interface Interval {
  readonly median: number;
  readonly ciLow: number;
  readonly ciHigh: number;
}

export interface BootstrapOptions {
  /** Default 0. */
  readonly seed?: number;
  /** Default 2,000. */
  readonly resamples?: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

/** The median of all runs with its interval. */
export function medianInterval(rounds: Rounds, options: BootstrapOptions = {}): Interval {
  const sample = new ResampledMedian(rounds);
  return bootstrap(rounds.length, options, (counts) => sample.median(counts));
}

/**
 * The ratio of the medians of `a` and `b`, pairing their rounds; a round that only one of them finished is left out.
 * Null where no round is common, or where the clock was too coarse for `b` to have taken any time.
 */
export function ratioInterval(a: Rounds, b: Rounds, options: BootstrapOptions = {}): Interval | null {
  const common = Math.min(a.length, b.length);
  const [first, second] = [new ResampledMedian(a.slice(0, common)), new ResampledMedian(b.slice(0, common))];
  const once = new Uint32Array(common).fill(1);
  if (common === 0 || second.median(once) === 0) return null;
  const interval = bootstrap(common, options, (counts) => first.median(counts) / second.median(counts));
  return Object.values(interval).every(Number.isFinite) ? interval : null;
}

function bootstrap(
  rounds: number,
  { seed = 0, resamples = 2000, confidence = 0.95 }: BootstrapOptions,
  statistic: (counts: Uint32Array) => number,
): Interval {
  const stream = random(seed, 'bootstrap');
  const counts = new Uint32Array(rounds).fill(1);
  const estimate = statistic(counts);
  const found = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample += 1) {
    counts.fill(0);
    for (let draw = 0; draw < rounds; draw += 1) counts[integerIn(stream, 0, rounds)] += 1;
    found[resample] = statistic(counts);
  }
  found.sort();
  const tail = Math.floor(((1 - confidence) / 2) * resamples);
  return { median: estimate, ciLow: found[tail] ?? estimate, ciHigh: found[resamples - 1 - tail] ?? estimate };
}

/** Sorted runs between two checkpoints. */
const STRIDE = 32;

/**
 * The median of a sample whose rounds count several times each. The runs are sorted once; at every `STRIDE` of them it is
 * noted how many of each round came before, so that a resample's median is found by bisection and a short walk.
 */
class ResampledMedian {
  private readonly times: Float64Array;
  private readonly roundOf: Uint32Array;
  /** Runs of each round. */
  private readonly sizes: Uint32Array;
  /** `before[c * rounds + r]`: runs of round r among the first `c * STRIDE`. */
  private readonly before: Uint32Array;

  constructor(rounds: Rounds) {
    const runs = rounds.flatMap((times, round) => times.map((ms) => ({ ms, round })));
    runs.sort((a, b) => a.ms - b.ms);
    this.times = Float64Array.from(runs, ({ ms }) => ms);
    this.roundOf = Uint32Array.from(runs, ({ round }) => round);
    this.sizes = new Uint32Array(rounds.length);
    this.before = new Uint32Array(rounds.length * Math.ceil(runs.length / STRIDE));
    for (const [i, round] of this.roundOf.entries()) {
      if (i % STRIDE === 0) this.before.set(this.sizes, (i / STRIDE) * rounds.length);
      this.sizes[round] += 1;
    }
  }

  /** `counts[r]` is how often round r counts. */
  median(counts: Uint32Array): number {
    const total = weightedSum(this.sizes, 0, counts);
    const lower = Math.floor((total - 1) / 2);
    const upper = Math.floor(total / 2);
    const checkpoint = this.lastCheckpointUpTo(lower, counts);
    let passed = weightedSum(this.before, checkpoint * counts.length, counts);
    let low = Number.NaN;
    for (let i = checkpoint * STRIDE; i < this.times.length; i += 1) {
      passed += counts[this.roundOf[i]];
      if (Number.isNaN(low) && passed > lower) low = this.times[i];
      if (passed > upper) return (low + this.times[i]) / 2;
    }
    return low;
  }

  /** The last checkpoint with no more than `rank` counted runs before it. */
  private lastCheckpointUpTo(rank: number, counts: Uint32Array): number {
    let low = 0;
    let high = Math.ceil(this.times.length / STRIDE) - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (weightedSum(this.before, middle * counts.length, counts) <= rank) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Σ counts[r] · values[offset + r]. */
function weightedSum(values: Uint32Array, offset: number, counts: Uint32Array): number {
  let sum = 0;
  for (let round = 0; round < counts.length; round += 1) sum += counts[round] * values[offset + round];
  return sum;
}
