/**
 * The binary floating-point formats of ONNX, seen alike: a number per element, and its bits as a sign and a magnitude.
 * In every one of them the magnitude, read as an integer, counts the representable numbers from zero up; so the distance
 * of two elements in units in the last place is the difference of those integers (Bruce Dawson, "Comparing Floating Point
 * Numbers", 2012). −0 and +0 are the same place.
 *
 * Formats: IEEE 754-2019 for 16, 32 and 64 bits; the ONNX documents "Float stored in 8 bits" and "4 bit float" for the
 * rest, where `fn` has no infinities, `fnuz` no −0 either, and e8m0 is a bare exponent.
 */
import { bfloat16ToNumber, type DType, float16ToNumber, type Tensor } from '@rheobase/exporter/tensor';
import { unpack } from './packed.js';

export type FloatDType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'float8e4m3fn'
  | 'float8e4m3fnuz'
  | 'float8e5m2'
  | 'float8e5m2fnuz'
  | 'float8e8m0'
  | 'float4e2m1';

type NarrowDType = Exclude<FloatDType, 'float32' | 'float64'>;

/** One tensor's elements, ready to be compared. */
export interface FloatElements {
  readonly numbers: Float32Array | Float64Array;
  /** Distance to the same place of another tensor of this format, in ULP. Both elements must be finite. */
  ulpTo(other: FloatElements, index: number): number;
  /** The element's bits, e.g. `0x3f800000`. */
  hex(index: number): string;
  /** Below this magnitude a non-zero number is a denormal; 0 in formats without denormals. */
  readonly smallestNormal: number;
}

export function isFloatDType(dtype: DType): dtype is FloatDType {
  return dtype === 'float32' || dtype === 'float64' || Object.hasOwn(NARROW, dtype);
}

/** The elements of a real tensor, or of a complex one as interleaved parts. */
export function floatElements(tensor: Tensor): FloatElements {
  const { dtype, data } = tensor;
  if (dtype === 'float32' || dtype === 'complex64') return singles(data as Float32Array);
  if (dtype === 'float64' || dtype === 'complex128') return doubles(data as Float64Array);
  return narrow(dtype as NarrowDType, data as Uint16Array | Uint8Array, tensor.shape);
}

class BitElements implements FloatElements {
  constructor(
    readonly numbers: Float32Array | Float64Array,
    readonly smallestNormal: number,
    private readonly bits: Int32Array | Uint16Array | Uint8Array,
    private readonly width: number,
    private readonly signBit: number,
  ) {}

  ulpTo(other: BitElements, index: number): number {
    return Math.abs(this.ordinal(index) - other.ordinal(index));
  }

  hex(index: number): string {
    return `0x${(this.bits[index] >>> 0).toString(16).padStart(this.width / 4, '0')}`;
  }

  private ordinal(index: number): number {
    const bits = this.bits[index];
    return (bits & this.signBit) === 0 ? bits : -(bits & ~this.signBit);
  }
}

function singles(data: Float32Array): FloatElements {
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
  return new BitElements(data, 2 ** -126, bits, 32, 0x80000000);
}

class DoubleElements implements FloatElements {
  readonly smallestNormal = 2 ** -1022;
  private readonly bits: BigInt64Array;

  constructor(readonly numbers: Float64Array) {
    this.bits = new BigInt64Array(numbers.buffer, numbers.byteOffset, numbers.length);
  }

  ulpTo(other: DoubleElements, index: number): number {
    const difference = this.ordinal(index) - other.ordinal(index);
    return Number(difference < 0n ? -difference : difference);
  }

  hex(index: number): string {
    return `0x${BigInt.asUintN(64, this.bits[index]).toString(16).padStart(16, '0')}`;
  }

  private ordinal(index: number): bigint {
    const bits = this.bits[index];
    return bits >= 0n ? bits : -BigInt.asUintN(63, bits);
  }
}

function doubles(data: Float64Array): FloatElements {
  return new DoubleElements(data);
}

interface NarrowFormat {
  readonly width: number;
  readonly signBit: number;
  readonly smallestNormal: number;
  toNumber(bits: number): number;
}

const NARROW: Readonly<Record<NarrowDType, NarrowFormat>> = {
  float16: { width: 16, signBit: 0x8000, smallestNormal: 2 ** -14, toNumber: float16ToNumber },
  bfloat16: { width: 16, signBit: 0x8000, smallestNormal: 2 ** -126, toNumber: bfloat16ToNumber },
  float8e4m3fn: minifloat(4, 3, 7, (bits) => (bits & 0x7f) === 0x7f),
  float8e4m3fnuz: minifloat(4, 3, 8, (bits) => bits === 0x80),
  float8e5m2: minifloat(5, 2, 15, (bits) => (bits & 0x7f) > 0x7c, 0x7c),
  float8e5m2fnuz: minifloat(5, 2, 16, (bits) => bits === 0x80),
  float4e2m1: minifloat(2, 1, 1, () => false),
  float8e8m0: {
    width: 8,
    signBit: 0,
    smallestNormal: 0,
    toNumber: (bits) => (bits === 0xff ? Number.NaN : 2 ** (bits - 127)),
  },
};

function minifloat(
  exponentBits: number,
  fractionBits: number,
  bias: number,
  isNaNCode: (bits: number) => boolean,
  infinity?: number,
): NarrowFormat {
  const width = 1 + exponentBits + fractionBits;
  const signBit = 1 << (width - 1);
  return {
    width,
    signBit,
    smallestNormal: 2 ** (1 - bias),
    toNumber: (bits) => {
      if (isNaNCode(bits)) return Number.NaN;
      const sign = (bits & signBit) === 0 ? 1 : -1;
      const magnitude = bits & (signBit - 1);
      if (magnitude === infinity) return sign * Infinity;
      const exponent = magnitude >> fractionBits;
      const fraction = (magnitude & ((1 << fractionBits) - 1)) / (1 << fractionBits);
      return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
    },
  };
}

const tables = new Map<NarrowDType, Float32Array>();

/** All numbers of a format of at most 16 bits, by their bits: decoding an element becomes a look-up. */
function tableOf(dtype: NarrowDType): Float32Array {
  let table = tables.get(dtype);
  if (table === undefined) {
    const { width, toNumber } = NARROW[dtype];
    table = Float32Array.from({ length: 1 << width }, (_, bits) => toNumber(bits));
    tables.set(dtype, table);
  }
  return table;
}

function narrow(dtype: NarrowDType, stored: Uint16Array | Uint8Array, shape: readonly number[]): FloatElements {
  const { width, signBit, smallestNormal } = NARROW[dtype];
  const bits = width === 4 ? unpack(stored as Uint8Array, 4, shape) : stored;
  const table = tableOf(dtype);
  const numbers = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i += 1) numbers[i] = table[bits[i]];
  return new BitElements(numbers, smallestNormal, bits, width, signBit);
}
