/**
 * The order in which examples are seen, and the stacks of batches that a training graph is fed. The order of an epoch
 * depends on the seed and the epoch alone, so training resumes in the middle of one.
 */
import {
  badInput,
  dtypeKind,
  random,
  shuffled,
  sizeOf,
  storageOf,
  type Tensor,
  type TypedArray,
} from '@rheobase/exporter';
import type { Dataset, ExampleType } from '../data/index.js';

/** The examples of an epoch in order, epochs counted from 1. */
export function epochOrder(count: number, seed: number, epoch: number): Uint32Array {
  const inOrder = Array.from({ length: count }, (_, index) => index);
  return Uint32Array.from(shuffled(random(seed, `shuffle/${epoch}`), inOrder));
}

/** Arrays for stacks of batches, used over and over. */
export class BatchBuffer {
  #x: TypedArray;
  #y: TypedArray;

  constructor(
    readonly data: Dataset,
    readonly examples: number,
  ) {
    this.#x = allocate(data.x, examples);
    this.#y = allocate(data.y, examples);
  }

  /** The examples `indices` as x and y with the leading axes `leading`. Valid until the next call. */
  fill(indices: Uint32Array, leading: readonly number[]): { readonly x: Tensor; readonly y: Tensor } {
    const { data } = this;
    const x = cut(this.#x, indices.length * sizeOf(data.x.shape));
    const y = cut(this.#y, indices.length * sizeOf(data.y.shape));
    data.read(indices, x, y);
    return {
      x: { dtype: data.x.dtype, shape: [...leading, ...data.x.shape], data: x } as Tensor,
      y: { dtype: data.y.dtype, shape: [...leading, ...data.y.shape], data: y } as Tensor,
    };
  }
}

function allocate({ dtype, shape }: ExampleType, examples: number): TypedArray {
  if (dtype === 'string' || dtypeKind(dtype) === 'complex') throw badInput(`a data set of ${dtype}`);
  const Storage = storageOf(dtype);
  return new Storage(examples * sizeOf(shape));
}

function cut(array: TypedArray, length: number): TypedArray {
  return array.subarray(0, length);
}

/** Masks of dropout for some steps, drawn from the seed, the layer and the number of each step. */
export function keptMask(
  seed: number,
  layer: string,
  { rate, firstStep, steps, size }: { rate: number; firstStep: number; steps: number; size: number },
): Uint8Array {
  const mask = new Uint8Array(steps * size);
  for (let step = 0; step < steps; step += 1) {
    const { uniform } = random(seed, `dropout/${layer}/${firstStep + step}`);
    for (let at = step * size; at < (step + 1) * size; at += 1) mask[at] = uniform() < rate ? 0 : 1;
  }
  return mask;
}
