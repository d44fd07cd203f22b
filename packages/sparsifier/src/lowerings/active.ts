/**
 * Which neurons fire: the channels of which some row is not zero. A NaN counts as firing, and so do infinities and
 * denormals; −0 is as silent as +0.
 */
import type { Fragment } from './fragment.js';
import { asRows, type Product, silentValue } from './product.js';

/** `[1, inner]`: zero exactly where a channel is silent in every row. The 1-norm cannot cancel, overflow or underflow to 0. */
export function activity(product: Product, opset: number, into: Fragment): string {
  const rows = asRows(product, silentValue(product), product.inner, into);
  if (product.isSingleRow) return rows;
  // The axes of ReduceL1 became an input at opset 18.
  return opset >= 18
    ? into.op('ReduceL1', [rows, into.integers(0)], { keepdims: 1 })
    : into.op('ReduceL1', [rows], { axes: [0], keepdims: 1 });
}

/** 1 where a channel fires and 0 where not, in float32, which WebGPU can rank and add: `[1, inner]`. */
export function firing(activityValue: string, into: Fragment): string {
  return into.op('Cast', [into.op('Cast', [activityValue], { to: BOOL })], { to: FLOAT });
}

/** How many channels fire: a float32 scalar, exact up to 2²⁴. */
export function activeCount(activityValue: string, into: Fragment): string {
  return into.op('ReduceSum', [firing(activityValue, into)], { keepdims: 0 });
}

/** Indices of the channels that fire, ascending: `[k]` int64. */
export function activeIndices({ dtype }: Product, activityValue: string, into: Fragment): string {
  // ONNX Runtime has NonZero for float32 and bool, but not for float64.
  const value = dtype === 'float32' ? activityValue : into.op('Cast', [activityValue], { to: BOOL });
  // NonZero of a matrix gives [2, k]: row numbers, then column numbers.
  return into.op('Gather', [into.op('NonZero', [value]), into.integer(1)]);
}

// TensorProto.DataType numbers, as the attribute `to` of Cast takes them.
const FLOAT = 1;
const BOOL = 9;
