/**
 * Which neurons of a layer fire together: one bit for each neuron and each of some rows (samples, tokens). A few
 * hundred rows tell, so that memory is bounded by the number of neurons.
 */
import { encodeModel, type Model, withOutputs } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import type { Backend, SessionOptions } from '@rheobase/runtime';
import { asFloats } from './activation-values.js';
import type { Samples } from './samples.js';

export class FiringPatterns {
  /** Words of 32 rows that a neuron takes. */
  readonly words: number;
  /** `[neurons, words]`. */
  private readonly bits: Uint32Array;
  private filled = 0;

  constructor(
    readonly neurons: number,
    /** Rows that there is room for; what comes after is left away. */
    private readonly capacity: number,
  ) {
    this.words = Math.ceil(capacity / 32);
    this.bits = new Uint32Array(neurons * this.words);
  }

  /** Rows taken in. */
  get rows(): number {
    return this.filled;
  }

  /** Takes in rows of neurons; one that is not 0, NaN included, fires. */
  add(values: Float32Array): void {
    const { neurons, words, bits, capacity } = this;
    for (let start = 0; start + neurons <= values.length && this.filled < capacity; start += neurons) {
      const word = this.filled >>> 5;
      const bit = 1 << (this.filled & 31);
      for (let neuron = 0; neuron < neurons; neuron += 1) {
        const at = neuron * words + word;
        if (values[start + neuron] !== 0) bits[at] = (bits[at] as number) | bit;
      }
      this.filled += 1;
    }
  }

  /** The rows in which a neuron fires, a bit each: `[words]`. */
  of(neuron: number): Uint32Array {
    return this.bits.subarray(neuron * this.words, (neuron + 1) * this.words);
  }

  /** How many of a list of neurons' blocks have one that fires, for each run of `rows` rows. */
  busyBlocks(order: ArrayLike<number>, blockSize: number, rows: number): number[] {
    const runs = Math.max(1, Math.floor(this.filled / rows));
    const counts = new Array<number>(runs).fill(0);
    for (let first = 0; first < order.length; first += blockSize) {
      const union = new Uint32Array(this.words);
      for (let place = first; place < first + blockSize; place += 1) unite(union, this.of(order[place] ?? 0));
      for (let run = 0; run < runs; run += 1) {
        for (let row = run * rows; row < Math.min(this.filled, (run + 1) * rows); row += 1) {
          if (((union[row >>> 5] ?? 0) & (1 << (row & 31))) === 0) continue;
          counts[run] = (counts[run] ?? 0) + 1;
          break;
        }
      }
    }
    return counts;
  }
}

/** `into` with the rows of another added. */
export function unite(into: Uint32Array, other: Uint32Array): void {
  for (let word = 0; word < into.length; word += 1) into[word] = (into[word] as number) | (other[word] as number);
}

export interface FiringOptions {
  readonly backend: Backend;
  readonly samples: Samples;
  /** Names of the values to watch, with their neurons. */
  readonly values: ReadonlyMap<string, number>;
  /** Samples in a run. */
  readonly batch: number;
  readonly session?: SessionOptions;
  /** Rows to take in at most. */
  readonly rows: number;
}

/** @throws RheobaseError `bad-input` where a value is not there or is no float tensor; whatever the backend throws. */
export async function watchFiring(
  model: Model,
  { backend, samples, values, batch, session: options, rows }: FiringOptions,
): Promise<ReadonlyMap<string, FiringPatterns>> {
  const inputs = new Set(model.graph.inputs.map(({ name }) => name));
  const watched = [...values.keys()].filter((name) => !inputs.has(name));
  const patterns = new Map(Array.from(values, ([name, neurons]) => [name, new FiringPatterns(neurons, rows)] as const));
  const session = await backend.open({ bytes: encodeModel(withOutputs(model, watched)) }, options);
  try {
    for (let start = 0; start < samples.count && isWanting(patterns, rows); start += batch) {
      const feeds = await samples.feeds(start, Math.min(samples.count, start + batch));
      const { outputs } = await session.run(feeds, watched.length === 0 ? undefined : watched);
      for (const [name, own] of patterns) {
        const value = outputs[name] ?? feeds[name];
        if (value === undefined) throw badInput('the run gave no such value', { where: `value '${name}'` });
        own.add(asFloats(name, value));
      }
    }
    return patterns;
  } finally {
    await session.close();
  }
}

function isWanting(patterns: ReadonlyMap<string, FiringPatterns>, rows: number): boolean {
  return [...patterns.values()].some((own) => own.rows < rows);
}
