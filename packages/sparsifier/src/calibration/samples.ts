/** Data to calibrate on: examples by number, fed in batches. However many there are, only one batch need be in memory. */
import { badInput } from '@rheobase/exporter/errors';
import { sizeOf, type Tensor, type TypedArray } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';

export interface Samples {
  /** How many examples there are. */
  readonly count: number;
  /** As many as can be fed at once; default any number. */
  readonly atOnce?: number;
  /** The inputs for examples `start` (included) to `end` (not included). */
  feeds(start: number, end: number): Feeds | Promise<Feeds>;
}

/**
 * Samples from whole tensors: the leading axis of each counts the examples. Batches are views, nothing is copied.
 * @throws RheobaseError `bad-input` where the tensors count differently, or hold texts or elements narrower than a byte.
 */
export function samplesFrom(tensors: Feeds): Samples {
  const entries = Object.entries(tensors);
  const [first] = entries;
  if (first === undefined) throw badInput('there are no samples');
  const count = first[1].shape[0] ?? 0;
  for (const [name, { shape, data }] of entries) {
    if (shape.length === 0) throw badInput('a scalar has no axis that counts samples', { where: `input '${name}'` });
    if (shape[0] !== count) {
      throw badInput(`${shape[0]} samples, where '${first[0]}' has ${count}`, { where: `input '${name}'` });
    }
    if (data.length !== sizeOf(shape))
      throw badInput('elements that are not one number each', { where: `input '${name}'` });
  }
  return {
    count,
    feeds: (start, end) => Object.fromEntries(entries.map(([name, value]) => [name, rows(value, start, end)])),
  };
}

/**
 * Samples that are whole runs, fed one at a time as they are: for models whose examples do not lie along the leading axis of
 * every input (a state `[layers, batch, width]`, scalars).
 */
export function samplesFromRuns(runs: readonly Feeds[]): Samples {
  return { count: runs.length, atOnce: 1, feeds: (start) => runs[start] ?? {} };
}

/** Some of the samples, by their numbers. */
export function pickSamples(samples: Samples, numbers: Uint32Array): Samples {
  return {
    count: numbers.length,
    ...(samples.atOnce === undefined ? {} : { atOnce: samples.atOnce }),
    feeds: async (start, end) => {
      const parts: Feeds[] = [];
      for (const number of numbers.subarray(start, end)) parts.push(await samples.feeds(number, number + 1));
      return joined(parts);
    },
  };
}

/**
 * `limit` of `count` numbers without repetition, ascending; all of them where there are no more.
 * Floyd's sampling (Bentley, "A sample of brilliance", CACM 1987), in memory for `limit` of them.
 */
export function drawNumbers(count: number, limit: number, draw: () => number): Uint32Array {
  const chosen = new Set<number>();
  for (let last = Math.max(0, count - limit); last < count; last += 1) {
    const candidate = Math.floor(draw() * (last + 1));
    chosen.add(chosen.has(candidate) ? last : candidate);
  }
  return Uint32Array.from(chosen).sort();
}

function rows({ dtype, shape, data }: Tensor, start: number, end: number): Tensor {
  const [, ...inner] = shape;
  const size = sizeOf(inner);
  const part = (data as Float32Array).subarray(start * size, end * size);
  return { dtype, shape: [end - start, ...inner], data: part } as Tensor;
}

function joined(parts: readonly Feeds[]): Feeds {
  const [first = {}] = parts;
  if (parts.length === 1) return first;
  return Object.fromEntries(
    Object.keys(first).map((name) => [name, concatenated(parts.flatMap((part) => part[name] ?? []))]),
  );
}

function concatenated(tensors: readonly Tensor[]): Tensor {
  const [{ dtype, shape, data } = badShape()] = tensors;
  const total = tensors.reduce((sum, tensor) => sum + (tensor.shape[0] ?? 0), 0);
  const Storage = data.constructor as Float32ArrayConstructor;
  const all = new Storage(tensors.reduce((sum, tensor) => sum + tensor.data.length, 0));
  let offset = 0;
  for (const tensor of tensors) {
    all.set(tensor.data as TypedArray as Float32Array, offset);
    offset += tensor.data.length;
  }
  return { dtype, shape: [total, ...shape.slice(1)], data: all } as Tensor;
}

function badShape(): never {
  throw badInput('there are no samples');
}
