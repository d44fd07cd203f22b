/** The float types that arithmetic is done in, and their values as numbers. */
import {
  bfloat16ToNumber,
  type DType,
  float16ToNumber,
  numberToBfloat16,
  numberToFloat16,
  type Tensor,
  tensor,
} from '../tensor/index.js';

export type FloatDType = 'float32' | 'float64' | 'float16' | 'bfloat16';

export function isFloatDType(dtype: DType): dtype is FloatDType {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16' || dtype === 'bfloat16';
}

/** The value of `dtype` nearest to a number, as a number. */
export function roundTo(dtype: FloatDType, value: number): number {
  switch (dtype) {
    case 'float64':
      return value;
    case 'float32':
      return Math.fround(value);
    case 'float16':
      return float16ToNumber(numberToFloat16(value));
    case 'bfloat16':
      return bfloat16ToNumber(numberToBfloat16(value));
  }
}

/** A tensor of numbers, each rounded to `dtype`. */
export function floatTensor(
  dtype: FloatDType,
  shape: readonly number[],
  values: readonly number[],
): Tensor<FloatDType> {
  switch (dtype) {
    case 'float64':
      return tensor(dtype, shape, Float64Array.from(values));
    case 'float32':
      return tensor(dtype, shape, Float32Array.from(values));
    case 'float16':
      return tensor(dtype, shape, Uint16Array.from(values, numberToFloat16));
    case 'bfloat16':
      return tensor(dtype, shape, Uint16Array.from(values, numberToBfloat16));
  }
}

/** The elements of a float tensor as numbers. */
export function numbersOf({ dtype, data }: Tensor<FloatDType>): number[] {
  const elements = Array.from(data);
  if (dtype === 'float16') return elements.map(float16ToNumber);
  return dtype === 'bfloat16' ? elements.map(bfloat16ToNumber) : elements;
}
