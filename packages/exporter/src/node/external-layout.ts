/**
 * Where each tensor of a model goes when it is written: into the model, or into which file beside it at which offset.
 * The layout is complete before the first byte is written, so names and offsets can be in the model from the start.
 *
 * ONNX Runtime maps external files into memory: mapping starts at pages (4 KiB), on Windows at 64 KiB.
 * Source: ONNX, "External Data", which asks for offsets that are multiples of them.
 */
import { excerpt } from '../codec/excerpt.js';
import { locationProblem } from '../codec/external-location.js';
import { badInput } from '../errors.js';

export interface ExternalDataOptions {
  /** The file, relative to the model's folder. Default: the model's own name with `.data` behind it. */
  readonly location?: string;
  /**
   * Tensors of at least this many bytes go there. Default 1024; much lower, ONNX Runtime may refuse the model, because
   * it infers shapes only from tensors inside.
   */
  readonly threshold?: number;
  /**
   * Tensors of at least this many bytes begin at a multiple of it, smaller ones at a multiple of 4096 (or of it, where
   * it is smaller still). Default 65,536.
   */
  readonly alignment?: number;
  /**
   * A file ends before it passes this many bytes, and the next tensor opens another, `weights-2-of-3.data`. Only a
   * tensor that is larger itself makes a larger file. Default just under 2 GB.
   */
  readonly shardBytes?: number;
}

const PAGE = 4096;
const GRANULARITY = 65_536;

/** 2 GB, in whole mapping units: what tools that count bytes in 32 bits can still read. */
export const SHARD_BYTES = Math.floor(2e9 / GRANULARITY) * GRANULARITY;
export const THRESHOLD = 1024;

export interface Placed<T> {
  readonly item: T;
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/**
 * Puts `items` one after another.
 * @param modelName file name of the model, which no shard may take.
 * @throws RheobaseError `bad-input` for options that make no sense, and for a location outside the model's folder.
 */
export function layOut<T>(
  items: readonly { readonly item: T; readonly length: number }[],
  options: ExternalDataOptions,
  modelName: string,
): Placed<T>[] {
  const { location = `${modelName}.data`, alignment = GRANULARITY, shardBytes = SHARD_BYTES } = options;
  checkOptions({ location, alignment, shardBytes }, modelName);
  const placed: { item: T; shard: number; offset: number; length: number }[] = [];
  let shard = 0;
  let end = 0;
  for (const { item, length } of items) {
    const unit = length >= alignment ? alignment : Math.min(alignment, PAGE);
    let offset = Math.ceil(end / unit) * unit;
    if (end > 0 && offset + length > shardBytes) {
      shard += 1;
      offset = 0;
    }
    placed.push({ item, shard, offset, length });
    end = offset + length;
  }
  return placed.map(({ item, shard: index, offset, length }) => ({
    item,
    location: shardName(location, index, shard + 1),
    offset,
    length,
  }));
}

function checkOptions(
  { location, alignment, shardBytes }: Required<Omit<ExternalDataOptions, 'threshold'>>,
  modelName: string,
): void {
  const where = `external data '${excerpt(location)}'`;
  const problem = locationProblem(location);
  if (problem !== undefined) throw badInput(`its location ${problem}`, { where });
  if (location === modelName) throw badInput('it has the name of the model itself', { where });
  for (const [name, value] of Object.entries({ alignment, shardBytes })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw badInput(`${name} is ${value}, not a number of bytes`, { where });
  }
}

/** `weights.data` as it is where there is one file, `weights-1-of-3.data` where there are three. */
function shardName(location: string, index: number, count: number): string {
  if (count === 1) return location;
  const dot = location.lastIndexOf('.');
  const split = dot > location.lastIndexOf('/') + 1 ? dot : location.length;
  return `${location.slice(0, split)}-${index + 1}-of-${count}${location.slice(split)}`;
}
