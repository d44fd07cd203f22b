/**
 * What a network is trained on: examples that can be read in any order into arrays that are filled anew for every
 * batch. Where they come from (memory, a file, a generator that keeps what it made) is the data set's own matter.
 */
import { badInput, type DType, sizeOf, type Tensor, type TypedArray } from '@rheobase/exporter';

/** The shape of one example's input or target, without the batch. */
export interface ExampleType {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export interface Dataset {
  /** Number of examples. */
  readonly count: number;
  readonly x: ExampleType;
  readonly y: ExampleType;
  /** Copies the examples `indices` one after the other into `x` and `y`. */
  read(indices: Uint32Array, x: TypedArray, y: TypedArray): void;
  /** Of a part of another data set: the number that an example has there, which errors tell. */
  numberOf?(example: number): number;
  /** SHA-256 of the examples, hexadecimal: what a checkpoint and a model say they were trained on. */
  hash(): Promise<string>;
}

/**
 * A data set in memory: `x` `[count, …]` and `y` `[count, …]`.
 * @throws RheobaseError `bad-input` where it is empty or the counts differ.
 */
export function tensorDataset(x: Tensor, y: Tensor): Dataset {
  const [count = 0, ...xShape] = x.shape;
  const [targets = 0, ...yShape] = y.shape;
  if (count === 0) throw badInput('the data set is empty');
  if (count !== targets) throw badInput(`the data set has ${count} inputs and ${targets} targets`);
  const from = { x: arrayOf(x), y: arrayOf(y) };
  let hashed: Promise<string> | undefined;
  return {
    count,
    x: { dtype: x.dtype, shape: xShape },
    y: { dtype: y.dtype, shape: yShape },
    read(indices, toX, toY) {
      copyRows(from.x, indices, sizeOf(xShape), toX);
      copyRows(from.y, indices, sizeOf(yShape), toY);
    },
    hash() {
      hashed ??= hashOf([from.x, from.y]);
      return hashed;
    },
  };
}

function arrayOf({ dtype, data }: Tensor): TypedArray {
  if (dtype === 'string') throw badInput('a data set of strings');
  return data as TypedArray;
}

/** The arrays are of one type; their elements are numbers or bigints, which `set` and `subarray` do not care for. */
function copyRows(from: TypedArray, indices: Uint32Array, size: number, to: TypedArray): void {
  const target = to as Float32Array;
  const source = from as Float32Array;
  if (size === 1) {
    for (let at = 0; at < indices.length; at += 1) target[at] = source[indices[at]];
    return;
  }
  for (let at = 0; at < indices.length; at += 1) {
    const start = indices[at] * size;
    target.set(source.subarray(start, start + size), at * size);
  }
}

/** SHA-256 over byte arrays, hexadecimal. */
export async function hashOf(arrays: readonly TypedArray[]): Promise<string> {
  const digests: Uint8Array[] = [];
  for (const { buffer, byteOffset, byteLength } of arrays) {
    const bytes = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    digests.push(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
  }
  const joined = Uint8Array.from(digests.flatMap((digest) => [...digest]));
  const whole = digests.length === 1 ? digests[0] : new Uint8Array(await crypto.subtle.digest('SHA-256', joined));
  return Array.from(whole, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
