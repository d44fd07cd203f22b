/**
 * What is known of an activation's values after any number of samples, in memory that depends on its channels alone: a
 * histogram for each channel (1/16 of an octave, which is 6 %; quantiles interpolate inside). The histogram of the whole
 * activation is their sum.
 *
 * Counting has to keep up with a model that computes its values in a few nanoseconds. So the loop has no branch that
 * depends on a value (the upper half of a float32, looked up in a table, tells the bin), and goes by some hundred
 * channels at a time, so that the counts in use stay in the second-level cache. Values below 2⁻¹³³ count as zero by
 * that. Least and greatest values besides would double the time.
 *
 * A bin's counts of all channels lie side by side: activations fill a tenth of the bins, and memory that nothing is
 * counted in is never touched.
 */
import { FloatBins } from './float-bins.js';

export const BINS = new FloatBins({ mantissaBits: 4, lowestExponent: -16, highestExponent: 16 });

/** How a threshold compares: the value itself, or its magnitude. */
export type GateKind = 'value' | 'magnitude';

const CHANNELS_AT_ONCE = 256;

/** Behind all bins: NaN. */
const NAN_BIN = BINS.count;
/** Rows of counts. */
export const COUNTED_BINS = BINS.count + 1;

export class ActivationStatistics {
  /** `[COUNTED_BINS, channels]`. Signed: V8 adds 1 to an unsigned element by way of a double, at three times the time. */
  readonly counts: Int32Array;
  private summed: Float64Array | undefined;

  constructor(readonly channels: number) {
    this.counts = new Int32Array(COUNTED_BINS * channels);
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
        if (run === 1) countRow(counts, channels, words, start, first, last);
        else
          for (let channel = first; channel < last; channel += 1)
            countRun(counts, channels, words, start, channel, run);
      }
    }
  }

  /** Values seen, NaN left out. */
  get count(): number {
    return total({ counts: this.whole, gate: 'value' });
  }

  get nans(): number {
    let sum = 0;
    for (const count of this.counts.subarray(NAN_BIN * this.channels)) sum += count;
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
    const own = new Int32Array(BINS.count);
    for (let bin = 0; bin < own.length; bin += 1) own[bin] = this.counts[bin * this.channels + channel] as number;
    return own;
  }

  /** The sum of the channels' histograms. */
  private get whole(): Float64Array {
    if (this.summed !== undefined) return this.summed;
    const { channels, counts } = this;
    this.summed = Float64Array.from({ length: BINS.count }, (_, bin) => {
      let sum = 0;
      for (let at = bin * channels; at < (bin + 1) * channels; at += 1) sum += counts[at] as number;
      return sum;
    });
    return this.summed;
  }
}

/** Counts a value each of the channels `first` to `last`, which lie side by side. */
function countRow(
  counts: Int32Array,
  channels: number,
  words: Uint16Array,
  start: number,
  first: number,
  last: number,
): void {
  let word = 2 * (start + first) + 1;
  for (let channel = first; channel < last; channel += 1, word += 2) {
    const at = Math.imul(BIN_OF_WORD[words[word] as number] as number, channels) + channel;
    counts[at] = ((counts[at] as number) + 1) | 0;
  }
}

/** Counts the `run` values of one channel, which lie side by side. */
function countRun(
  counts: Int32Array,
  channels: number,
  words: Uint16Array,
  start: number,
  channel: number,
  run: number,
): void {
  const end = 2 * (start + (channel + 1) * run);
  for (let word = end - 2 * run + 1; word < end; word += 2) {
    const at = Math.imul(BIN_OF_WORD[words[word] as number] as number, channels) + channel;
    counts[at] = ((counts[at] as number) + 1) | 0;
  }
}

/** The bin of every upper half that a float32 can have. */
const BIN_OF_WORD = Uint16Array.from({ length: 1 << 16 }, (_, word) => {
  const [value = 0] = new Float32Array(Uint32Array.of(word << 16).buffer);
  return Number.isNaN(value) ? NAN_BIN : BINS.of(value);
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
