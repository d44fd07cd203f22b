/**
 * What is known of an activation's values after any number of samples, in memory that depends on its channels alone: a
 * histogram for each channel (1/16 of an octave, which is 6 %; quantiles interpolate inside). The histogram of the whole
 * activation is their sum.
 *
 * Counting has to keep up with a model that computes its values in a few nanoseconds. So the loop has no branch that
 * depends on a value (the upper half of a float32, looked up in a table, tells the bin), and goes by a few
 * channels at a time, so that the histograms in use stay in the second-level cache. Values
 * below 2⁻¹³³ count as zero by that. Least and greatest values besides would double the time.
 */
import { FloatBins } from './float-bins.js';

export const BINS = new FloatBins({ mantissaBits: 4, lowestExponent: -16, highestExponent: 16 });

/** How a threshold compares: the value itself, or its magnitude. */
export type GateKind = 'value' | 'magnitude';

const CHANNELS_AT_ONCE = 64;

/** A channel's histogram has one bin more: NaN. */
const STRIDE = BINS.count + 1;

export class ActivationStatistics {
  /** `[channels, STRIDE]`. Signed: V8 adds 1 to an unsigned element by way of a double, at three times the time. */
  readonly counts: Int32Array;
  private summed: Float64Array | undefined;

  constructor(readonly channels: number) {
    this.counts = new Int32Array(channels * STRIDE);
  }

  /**
   * Takes values in.
   * @param run how many consecutive values belong to one channel: 1 where the channels are the last axis.
   */
  add(values: Float32Array, run = 1): void {
    this.summed = undefined;
    const { channels, counts } = this;
    // Little-endian: the upper half of each float32 is the second of its two 16-bit words.
    const words = new Uint16Array(values.buffer, values.byteOffset, values.length * 2);
    const period = channels * run;
    for (let first = 0; first < channels; first += CHANNELS_AT_ONCE) {
      const last = Math.min(channels, first + CHANNELS_AT_ONCE);
      for (let start = 0; start < values.length; start += period) {
        if (run === 1) countRow(counts, words, start, first, last);
        else for (let channel = first; channel < last; channel += 1) countRun(counts, words, start, channel, run);
      }
    }
  }

  /** Values seen, NaN left out. */
  get count(): number {
    return total({ counts: this.whole, gate: 'value' });
  }

  get nans(): number {
    let sum = 0;
    for (let bin = BINS.count; bin < this.counts.length; bin += STRIDE) sum += this.counts[bin] ?? 0;
    return sum;
  }

  /** Share of values that are zero: the sparsity as it is. */
  get zeroShare(): number {
    return (this.whole[BINS.half] ?? 0) / this.count;
  }

  /** Share of values that a threshold silences: those that do not exceed it. */
  silentShare(theta: number, gate: GateKind = 'value'): number {
    return shareUpTo({ counts: this.whole, gate }, theta);
  }

  /** The threshold that silences a share of all values. */
  quantile(share: number, gate: GateKind = 'value'): number {
    return quantileOf({ counts: this.whole, gate }, share);
  }

  /** The threshold that silences a share of one channel's values. */
  channelQuantile(channel: number, share: number, gate: GateKind = 'value'): number {
    return quantileOf({ counts: this.channel(channel), gate }, share);
  }

  /** Share of one channel's values that a threshold silences. */
  channelSilentShare(channel: number, theta: number, gate: GateKind = 'value'): number {
    return shareUpTo({ counts: this.channel(channel), gate }, theta);
  }

  /** Share of one channel's values that are zero: 1 − its firing rate. */
  channelZeroShare(channel: number): number {
    const own = this.channel(channel);
    return (own[BINS.half] ?? 0) / total({ counts: own, gate: 'value' });
  }

  /**
   * True where no value of the channel exceeded the threshold: on this data the neuron never fires. Exact for θ = 0; elsewhere a
   * value in the same bin as θ counts as exceeding it.
   */
  isDead(channel: number, theta: number, gate: GateKind = 'value'): boolean {
    for (const { high } of steps({ counts: this.channel(channel), gate })) if (high > theta) return false;
    return true;
  }

  private channel(channel: number): Int32Array {
    return this.counts.subarray(channel * STRIDE, channel * STRIDE + BINS.count);
  }

  /** The sum of the channels' histograms. */
  private get whole(): Float64Array {
    if (this.summed !== undefined) return this.summed;
    const summed = new Float64Array(BINS.count);
    for (let channel = 0; channel < this.channels; channel += 1) {
      const own = this.channel(channel);
      for (let bin = 0; bin < own.length; bin += 1) summed[bin] = (summed[bin] as number) + (own[bin] as number);
    }
    this.summed = summed;
    return summed;
  }
}

/** Counts a value each of the channels `first` to `last`, which lie side by side. */
function countRow(counts: Int32Array, words: Uint16Array, start: number, first: number, last: number): void {
  let row = first * STRIDE;
  for (let word = 2 * (start + first) + 1; word < 2 * (start + last); word += 2, row += STRIDE) {
    const bin = row + (BIN_OF_WORD[words[word] as number] as number);
    counts[bin] = ((counts[bin] as number) + 1) | 0;
  }
}

/** Counts the `run` values of one channel, which lie side by side. */
function countRun(counts: Int32Array, words: Uint16Array, start: number, channel: number, run: number): void {
  const row = channel * STRIDE;
  const end = 2 * (start + (channel + 1) * run);
  for (let word = end - 2 * run + 1; word < end; word += 2) {
    const bin = row + (BIN_OF_WORD[words[word] as number] as number);
    counts[bin] = ((counts[bin] as number) + 1) | 0;
  }
}

/** The bin of every upper half that a float32 can have. */
const BIN_OF_WORD = Uint16Array.from({ length: 1 << 16 }, (_, word) => {
  const [value = 0] = new Float32Array(Uint32Array.of(word << 16).buffer);
  return Number.isNaN(value) ? BINS.count : BINS.of(value);
});

interface Histogram {
  readonly counts: Float64Array | Int32Array;
  readonly gate: GateKind;
}

interface Step {
  /** The thresholds at which none and all of `count` are silent. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** Bins with something in them, in the order in which a rising threshold silences them. */
function* steps({ counts, gate }: Histogram): Generator<Step> {
  const start = gate === 'value' ? 0 : BINS.half;
  for (let bin = start; bin < BINS.count; bin += 1) {
    const mirrored = gate === 'magnitude' && bin > BINS.half ? (counts[2 * BINS.half - bin] ?? 0) : 0;
    const count = (counts[bin] ?? 0) + mirrored;
    if (count > 0) yield { low: BINS.lower(bin), high: BINS.upper(bin), count };
  }
}

function quantileOf(histogram: Histogram, share: number): number {
  const wanted = Math.min(1, Math.max(0, share)) * total(histogram);
  if (wanted <= 0) return histogram.gate === 'value' ? Number.NEGATIVE_INFINITY : 0;
  let before = 0;
  let last = 0;
  for (const { low, high, count } of steps(histogram)) {
    if (before + count >= wanted) return low + (high - low) * ((wanted - before) / count);
    before += count;
    last = high;
  }
  return last;
}

function shareUpTo(histogram: Histogram, theta: number): number {
  let silent = 0;
  for (const { low, high, count } of steps(histogram)) {
    if (theta >= high) silent += count;
    else if (theta > low) silent += count * ((theta - low) / (high - low));
  }
  const all = total(histogram);
  return all === 0 ? 0 : silent / all;
}

function total({ counts }: Histogram): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}
