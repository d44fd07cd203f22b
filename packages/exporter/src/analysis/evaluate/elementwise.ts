/**
 * Elementwise operators with broadcasting. Floats: every operation here is rounded once, so computing in float64 and
 * rounding to float32 gives what a float32 unit gives (Figueroa 1995, "When is double rounding innocuous?").
 */
import type { Node } from '../../model/model.js';
import { type DType, dtypeBits, sizeOf, storageOf, type Tensor, type TypedArray } from '../../tensor/index.js';
import { scalarAttribute } from '../node-attributes.js';
import { broadcastShape, stridesInto } from './strides.js';

type Unary<T> = (a: T) => T | undefined;
type Binary<T> = (a: T, b: T) => T | undefined;
type Evaluate = (node: Node, operands: readonly (Tensor | undefined)[], maxBytes: number) => Tensor | undefined;

const asInt64 = (value: bigint) => BigInt.asIntN(64, value);

/** Undefined gives up: a division that traps, a case in which runtimes differ. */
interface Arithmetic<F> {
  readonly float: F extends 'unary' ? Unary<number> : Binary<number>;
  readonly int32?: F extends 'unary' ? Unary<number> : Binary<number>;
  readonly int64?: F extends 'unary' ? Unary<bigint> : Binary<bigint>;
}

const BINARY: Readonly<Record<string, Arithmetic<'binary'>>> = {
  Add: { float: (a, b) => a + b, int32: (a, b) => (a + b) | 0, int64: (a, b) => asInt64(a + b) },
  Sub: { float: (a, b) => a - b, int32: (a, b) => (a - b) | 0, int64: (a, b) => asInt64(a - b) },
  Mul: { float: (a, b) => a * b, int32: Math.imul, int64: (a, b) => asInt64(a * b) },
  Div: {
    float: (a, b) => a / b,
    int32: (a, b) => (b === 0 ? undefined : Math.trunc(a / b) | 0),
    int64: (a, b) => (b === 0n ? undefined : asInt64(a / b)),
  },
  Max: {
    float: (a, b) => (unordered(a, b) ? undefined : Math.max(a, b)),
    int32: (a, b) => Math.max(a, b),
    int64: (a, b) => greatest(a, b),
  },
  Min: {
    float: (a, b) => (unordered(a, b) ? undefined : Math.min(a, b)),
    int32: (a, b) => Math.min(a, b),
    int64: (a, b) => -greatest(-a, -b),
  },
};

const UNARY: Readonly<Record<string, Arithmetic<'unary'>>> = {
  Neg: { float: (a) => -a, int32: (a) => -a | 0, int64: (a) => asInt64(-a) },
  Abs: { float: Math.abs, int32: (a) => Math.abs(a) | 0, int64: (a) => asInt64(a < 0n ? -a : a) },
  Sqrt: { float: Math.sqrt },
  Floor: { float: Math.floor },
  Ceil: { float: Math.ceil },
  Reciprocal: { float: (a) => 1 / a },
};

const COMPARISONS: Readonly<Record<string, (a: number | bigint, b: number | bigint) => boolean>> = {
  Greater: (a, b) => a > b,
  GreaterOrEqual: (a, b) => a >= b,
  Less: (a, b) => a < b,
  LessOrEqual: (a, b) => a <= b,
  Equal: (a, b) => a === b,
};

const LOGIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  And: (a, b) => a & b,
  Or: (a, b) => a | b,
  Xor: (a, b) => a ^ b,
};

/** Types whose elements are JavaScript numbers or bigints as they are stored. */
const NUMERIC: ReadonlySet<DType> = new Set([
  ...(['float32', 'float64', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const),
]);

export const elementwise: Readonly<Record<string, Evaluate>> = {
  ...mapValues(
    UNARY,
    (arithmetic): Evaluate =>
      (_, [a], maxBytes) => {
        const compute = a && arithmeticFor(arithmetic, a.dtype);
        return compute && zip(maxBytes, [a], a.dtype, compute as Combine);
      },
  ),
  ...mapValues(
    BINARY,
    (arithmetic): Evaluate =>
      (_, operands, maxBytes) => {
        const [a, b] = operands;
        if (a === undefined || b === undefined || operands.length !== 2 || a.dtype !== b.dtype) return undefined;
        const compute = arithmeticFor(arithmetic, a.dtype);
        return compute && zip(maxBytes, [a, b], a.dtype, compute as Combine);
      },
  ),
  ...mapValues(
    COMPARISONS,
    (compare): Evaluate =>
      (_, [a, b], maxBytes) => {
        if (a === undefined || b === undefined || a.dtype !== b.dtype) return undefined;
        if (!(NUMERIC.has(a.dtype) || a.dtype === 'bool')) return undefined;
        return zip(maxBytes, [a, b], 'bool', (x, y) => (compare(x, y) ? 1 : 0));
      },
  ),
  ...mapValues(
    LOGIC,
    (combine): Evaluate =>
      (_, [a, b], maxBytes) => {
        return a?.dtype === 'bool' && b?.dtype === 'bool'
          ? zip(maxBytes, [a, b], 'bool', combine as Combine)
          : undefined;
      },
  ),
  Not: (_, [a], maxBytes) => (a?.dtype === 'bool' ? zip(maxBytes, [a], 'bool', (x) => (x === 0 ? 1 : 0)) : undefined),
  Where: (_, [condition, a, b], maxBytes) => {
    if (condition?.dtype !== 'bool' || a === undefined || a.dtype !== b?.dtype || a.dtype === 'string')
      return undefined;
    // ONNX Runtime's CPU kernel gives +0 for a −0 of the first branch, others keep it.
    return zip(maxBytes, [condition, a, b], a.dtype, (c, x, y) => (c === 0 ? y : Object.is(x, -0) ? undefined : x));
  },
  Mod: (node, [a, b], maxBytes) => {
    if (a?.dtype !== 'int64' || b?.dtype !== 'int64' || (scalarAttribute(node, 'fmod') ?? 0) !== 0) return undefined;
    // The sign of the result is the divisor's, as in Python.
    return zip(maxBytes, [a, b], 'int64', ((x: bigint, y: bigint) =>
      y === 0n ? undefined : ((x % y) + y) % y) as Combine);
  },
};

type Combine = (...elements: (number & bigint)[]) => number | bigint | undefined;

function arithmeticFor(arithmetic: Arithmetic<'unary'> | Arithmetic<'binary'>, dtype: DType) {
  if (dtype === 'float32' || dtype === 'float64') return arithmetic.float;
  if (dtype === 'int32') return arithmetic.int32;
  return dtype === 'int64' ? arithmetic.int64 : undefined;
}

/** Combines the elements of tensors that broadcast together; the typed array rounds to `dtype`. */
function zip(maxBytes: number, tensors: readonly Tensor[], dtype: DType, combine: Combine): Tensor | undefined {
  if (dtype === 'string' || tensors.some((tensor) => tensor.dtype === 'string')) return undefined;
  const shape = broadcastShape(tensors.map((tensor) => tensor.shape));
  if (shape === undefined || sizeOf(shape) * dtypeBits(dtype) > maxBytes * 8) return undefined;
  const data = new (storageOf(dtype))(sizeOf(shape));
  if (data.length !== sizeOf(shape)) return undefined;
  const sources = tensors.map((tensor) => ({ data: tensor.data as TypedArray, at: stridesInto(tensor.shape, shape) }));
  for (let index = 0; index < data.length; index++) {
    const elements = sources.map(({ data: source, at }) => source[at(index)]);
    const result = combine(...(elements as (number & bigint)[]));
    if (result === undefined) return undefined;
    data[index] = result as never;
  }
  return { dtype, shape, data } as Tensor;
}

function greatest(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

/** NaN, or two zeros of different sign: what Max and Min give then depends on the runtime. */
function unordered(a: number, b: number): boolean {
  return Number.isNaN(a) || Number.isNaN(b) || (a === b && !Object.is(a, b));
}

function mapValues<T>(record: Readonly<Record<string, T>>, map: (value: T) => Evaluate): Record<string, Evaluate> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
