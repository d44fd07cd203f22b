/** Elements of small constants as JavaScript numbers, for conditions and for constants made from others. */
import {
  bfloat16ToNumber,
  type DType,
  float16ToNumber,
  numberToBfloat16,
  numberToFloat16,
  sizeOf,
  storageOf,
  type Tensor,
} from '../tensor/index.js';

const PLAIN: ReadonlySet<DType> = new Set([
  ...(['float32', 'float64', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'bool'] as const),
]);

/** The elements as numbers; undefined for types that are none (text, complex) or not one number an element. */
export function elementNumbers({ dtype, data }: Tensor): readonly number[] | undefined {
  if (dtype === 'float16') return Array.from(data as Uint16Array, float16ToNumber);
  if (dtype === 'bfloat16') return Array.from(data as Uint16Array, bfloat16ToNumber);
  if (dtype === 'int64' || dtype === 'uint64') return Array.from(data as BigInt64Array, Number);
  return PLAIN.has(dtype) ? Array.from(data as Float32Array) : undefined;
}

/** A tensor whose elements are all `value`, rounded to `dtype`; undefined for types that hold no plain numbers. */
export function filled(dtype: DType, value: number, shape: readonly number[] = []): Tensor | undefined {
  return fromNumbers(dtype, Array(sizeOf(shape)).fill(value), shape);
}

/** Numbers as a tensor of `dtype`, each rounded to it; undefined for types that hold no plain numbers. */
export function fromNumbers(dtype: DType, numbers: readonly number[], shape: readonly number[]): Tensor | undefined {
  if (dtype === 'float16') return { dtype, shape, data: Uint16Array.from(numbers, numberToFloat16) };
  if (dtype === 'bfloat16') return { dtype, shape, data: Uint16Array.from(numbers, numberToBfloat16) };
  if (dtype === 'int64') return { dtype, shape, data: BigInt64Array.from(numbers, (number) => BigInt(number)) };
  if (dtype === 'uint64') return { dtype, shape, data: BigUint64Array.from(numbers, (number) => BigInt(number)) };
  if (dtype === 'string' || !PLAIN.has(dtype)) return undefined;
  return { dtype, shape, data: new (storageOf(dtype) as Float32ArrayConstructor)(numbers) } as Tensor;
}
