/**
 * A tensor is plain immutable data: element type, shape, elements in row-major order. The same object serves as a
 * constant in a graph, as a feed of a session and as an output, and it survives structured clone.
 */
import { badInput } from '../errors.js';
import { type DType, dtypeBits, type TensorData, type TypedArray } from './dtype.js';

export interface Tensor<D extends DType = DType> {
  readonly dtype: D;
  /** Extents, outermost first; `[]` is a scalar. */
  readonly shape: readonly number[];
  readonly data: TensorData<D>;
}

/**
 * Makes a tensor and checks that `data` has the right length.
 * @throws RheobaseError `bad-input` where shape and data do not fit.
 */
export function tensor<D extends DType>(dtype: D, shape: readonly number[], data: TensorData<D>): Tensor<D> {
  const bad = shape.find((extent) => !Number.isSafeInteger(extent) || extent < 0);
  if (bad !== undefined) throw badInput(`shape [${shape}] has the extent ${bad}`);
  const expected = storageLength(dtype, shape);
  if (data.length !== expected) {
    throw badInput(`a ${dtype} tensor of shape [${shape}] takes ${expected} stored elements, got ${data.length}`);
  }
  return { dtype, shape: [...shape], data };
}

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Length of the storage array: elements, but pairs for complex types and packed bytes below 8 bits. */
export function storageLength(dtype: DType, shape: readonly number[]): number {
  const size = sizeOf(shape);
  if (dtype === 'complex64' || dtype === 'complex128') return size * 2;
  const bits = dtypeBits(dtype);
  return bits > 0 && bits < 8 ? Math.ceil((size * bits) / 8) : size;
}

/** Bytes of the elements; for strings, of their UTF-8. */
export function byteLength(tensor: Tensor): number {
  if (tensor.dtype === 'string') {
    const encoder = new TextEncoder();
    return (tensor.data as readonly string[]).reduce((sum, text) => sum + encoder.encode(text).length, 0);
  }
  return (tensor.data as TypedArray).byteLength;
}

const CONSTRUCTORS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
  complex64: Float32Array,
  complex128: Float64Array,
  float8e4m3fn: Uint8Array,
  float8e4m3fnuz: Uint8Array,
  float8e5m2: Uint8Array,
  float8e5m2fnuz: Uint8Array,
  float8e8m0: Uint8Array,
  uint4: Uint8Array,
  int4: Uint8Array,
  float4e2m1: Uint8Array,
  uint2: Uint8Array,
  int2: Uint8Array,
} as const;

/** The typed array that stores an element type; every dtype but `string` has one. */
export function storageOf(dtype: Exclude<DType, 'string'>): (typeof CONSTRUCTORS)[Exclude<DType, 'string'>] {
  return CONSTRUCTORS[dtype];
}

/**
 * Reads little-endian element bytes as a tensor. The result is a view of `bytes` where their alignment allows,
 * else a copy.
 * @throws RheobaseError `bad-input` where the byte count does not fit the shape.
 */
export function tensorFromBytes(dtype: Exclude<DType, 'string'>, shape: readonly number[], bytes: Uint8Array): Tensor {
  const Storage = CONSTRUCTORS[dtype];
  const length = storageLength(dtype, shape);
  if (bytes.byteLength !== length * Storage.BYTES_PER_ELEMENT) {
    throw badInput(
      `a ${dtype} tensor of shape [${shape}] takes ${length * Storage.BYTES_PER_ELEMENT} bytes, got ${bytes.byteLength}`,
    );
  }
  const aligned = bytes.byteOffset % Storage.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  const data = new Storage(aligned.buffer as ArrayBuffer, aligned.byteOffset, length);
  return { dtype, shape: [...shape], data } as Tensor;
}

/** The element bytes of a numeric tensor, as a view (little-endian hosts, as all that Node runs on). */
export function bytesOf(tensor: Tensor): Uint8Array {
  if (tensor.dtype === 'string') throw badInput('a string tensor has no fixed-size elements');
  const data = tensor.data as TypedArray;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
