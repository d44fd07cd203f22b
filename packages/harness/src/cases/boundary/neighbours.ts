/** The representable numbers next to one, in each floating-point type that inputs have. */
import {
  bfloat16ToNumber,
  type DType,
  float16ToNumber,
  numberToBfloat16,
  numberToFloat16,
} from '@rheobase/exporter/tensor';

/** Rounds to the element type and steps so many representable numbers up (or down). Zero is one number. */
export function stepped(dtype: DType, value: number, steps: number): number {
  if (!Number.isFinite(value)) return value;
  switch (dtype) {
    case 'float16':
      return float16ToNumber(bitsOf(ordinal(numberToFloat16(value), 15) + steps, 15));
    case 'bfloat16':
      return bfloat16ToNumber(bitsOf(ordinal(numberToBfloat16(value), 15) + steps, 15));
    case 'float64':
      return steppedDouble(value, steps);
    default:
      return steppedSingle(value, steps);
  }
}

/** Bits with a sign as a count of numbers from zero. */
function ordinal(bits: number, magnitudeBits: number): number {
  const magnitude = bits & (2 ** magnitudeBits - 1);
  return bits >> magnitudeBits === 0 ? magnitude : -magnitude;
}

function bitsOf(place: number, magnitudeBits: number): number {
  return place >= 0 ? place : 2 ** magnitudeBits + -place;
}

function steppedSingle(value: number, steps: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  const bits = view.getInt32(0);
  const place = (bits >= 0 ? bits : -(bits & 0x7fffffff)) + steps;
  view.setUint32(0, place >= 0 ? place : 0x80000000 - place);
  return view.getFloat32(0);
}

function steppedDouble(value: number, steps: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigInt64(0);
  const place = (bits >= 0n ? bits : -BigInt.asUintN(63, bits)) + BigInt(steps);
  view.setBigUint64(0, place >= 0n ? place : 2n ** 63n - place);
  return view.getFloat64(0);
}
