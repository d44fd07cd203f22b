/**
 * Operators as gradients use them: shapes that are known become constants, and what a gradient's shape must be (that of
 * its value) is put on results that inference cannot tell.
 */
import { constant, type DType, op, type Shape, type Value } from '@rheobase/exporter';
import { extentsOf, withShape } from './values.js';

type Ints = Value<'int64'> | readonly number[];

/** An int64 vector. */
export function integers(list: readonly number[]): Value<'int64'> {
  return constant({ dtype: 'int64', shape: [list.length], data: BigInt64Array.from(list, BigInt) });
}

function asValue(list: Ints): Value<'int64'> {
  return Array.isArray(list) ? integers(list) : (list as Value<'int64'>);
}

/** The extents of `x` as an int64 vector, a constant where all are known. */
export function shapeOf(x: Value): Value<'int64'> {
  const extents = extentsOf(x);
  if (extents !== undefined) return integers(extents);
  const vector = op.shape(x);
  return withShape(vector, x.shape === null ? null : [x.shape.length]);
}

export function expand<D extends DType>(x: Value<D>, shape: Ints, resultShape: Shape): Value<D> {
  return withShape(op.expand(x, asValue(shape)), resultShape);
}

/** A tensor of one number, shaped like `like`. */
export function filledLike<D extends DType>(like: Value<D>, number: number): Value<D> {
  return expand(constant(number, like.dtype), shapeOf(like), like.shape);
}

export function reshape<D extends DType>(x: Value<D>, shape: Ints, resultShape: Shape = null): Value<D> {
  return withShape(op.reshape(x, asValue(shape)), resultShape);
}

/** All elements in row-major order, `[size]`. */
export function flat<D extends DType>(x: Value<D>): Value<D> {
  return x.shape?.length === 1 ? x : reshape(x, [-1]);
}

export function concat<D extends DType>(
  values: readonly Value<D>[],
  axis: number,
  resultShape: Shape = null,
): Value<D> {
  return withShape(op.concat(values as readonly Value[], { axis }) as Value<D>, resultShape);
}

/** Pieces of the given extents along an axis. */
export function split<D extends DType>(x: Value<D>, extents: Ints, axis: number, count: number): Value<D>[] {
  return op.split(x, { axis, split: asValue(extents), numOutputs: count });
}

export interface SliceBounds {
  readonly starts: Ints;
  readonly ends: Ints;
  readonly axes?: Ints;
  readonly steps?: Ints;
}

export function slice<D extends DType>(
  x: Value<D>,
  { starts, ends, axes, steps }: SliceBounds,
  resultShape: Shape = null,
): Value<D> {
  const along = { ...(axes && { axes: asValue(axes) }), ...(steps && { steps: asValue(steps) }) };
  return withShape(op.slice(x, asValue(starts), asValue(ends), along), resultShape);
}

/** Zeros around `x`; `pads` has the extents before every axis, then those behind. */
export function pad<D extends DType>(x: Value<D>, pads: Ints, resultShape: Shape = null): Value<D> {
  return withShape(op.pad(x, asValue(pads)), resultShape);
}

export function gather<D extends DType>(x: Value<D>, indices: Value | number, axis = 0): Value<D> {
  const chosen = typeof indices === 'number' ? constant(BigInt(indices)) : indices;
  return op.gather(x, chosen as Value<'int64'>, { axis });
}

export function squeeze<D extends DType>(x: Value<D>, axes: Ints, resultShape: Shape = null): Value<D> {
  return withShape(op.squeeze(x, asValue(axes)), resultShape);
}

export function unsqueeze<D extends DType>(x: Value<D>, axes: Ints, resultShape: Shape = null): Value<D> {
  return withShape(op.unsqueeze(x, asValue(axes)), resultShape);
}

/** `into` with `updates` added at the positions `indices` along an axis. */
export function scatterAdd<D extends DType>(into: Value<D>, indices: Value, updates: Value<D>, axis: number): Value<D> {
  const added = op.scatterElements<DType>(into, indices as Value<'int64'>, updates, { axis, reduction: 'add' });
  return withShape(added as Value<D>, into.shape);
}

/** `into` with the elements at `indices` along its first axis replaced. */
export function scatterElements<D extends DType>(into: Value<D>, indices: Value, updates: Value<D>): Value<D> {
  return withShape(op.scatterElements<DType>(into, indices as Value<'int64'>, updates) as Value<D>, into.shape);
}

/** The integers 0 to n − 1 for an int64 scalar n. */
export function rangeTo(n: Value<'int64'>): Value<'int64'> {
  return withShape(op.range(constant(0n, 'int64'), n, 1), [null]);
}

/** The number of elements, an int64 scalar. */
export function sizeOf(x: Value): Value<'int64'> {
  return withShape(op.size(x), []);
}

/** The product of int64 extents as a scalar of a float type. */
export function productAs<D extends DType>(extents: Value<'int64'>, dtype: D): Value<D> {
  return withShape(op.cast(op.reduceProd(extents, { keepdims: false }), dtype), []);
}
