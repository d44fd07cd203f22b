/** Matrix products and what is along an axis. */

import { makeValue } from '../builder/make-node.js';
import type { Value } from '../builder/value.js';
import * as schemas from '../generated/operators.js';
import type { OperatorSchema } from '../operators/schema.js';
import type { DType } from '../tensor/index.js';

/** A · B as numpy.matmul: `[…, m, k]` × `[…, k, n]`, leading axes broadcast. */
export function matMul<D extends DType>(a: Value<D>, b: Value<NoInfer<D>>): Value<D> {
  return makeValue(schemas.MatMul, [a, b]) as Value<D>;
}

export interface GemmAttributes {
  /** Factor of the product; 1. */
  readonly alpha?: number;
  /** Factor of C; 1. */
  readonly beta?: number;
  readonly transA?: boolean;
  readonly transB?: boolean;
}

/** alpha·A′·B′ + beta·C: `[m, k]` × `[k, n]`, C broadcast to `[m, n]`. */
export function gemm<D extends DType>(
  a: Value<D>,
  b: Value<NoInfer<D>>,
  c?: Value<NoInfer<D>>,
  { alpha, beta, transA, transB }: GemmAttributes = {},
): Value<D> {
  return makeValue(schemas.Gemm, [a, b, c], { alpha, beta, transA, transB }) as Value<D>;
}

type AlongAxis = <D extends DType>(x: Value<D>, attributes?: { axis?: number }) => Value<D>;

function alongAxis(schema: OperatorSchema): AlongAxis {
  return <D extends DType>(x: Value<D>, { axis }: { axis?: number } = {}) =>
    makeValue(schema, [x], { axis }) as Value<D>;
}

/** eˣ / Σ eˣ along an axis; the last one by default. */
export const softmax = alongAxis(schemas.Softmax);
export const logSoftmax = alongAxis(schemas.LogSoftmax);
export const hardmax = alongAxis(schemas.Hardmax);

export interface ReduceAttributes {
  /** The axes to reduce; all of them by default. Negative ones count from the end. */
  readonly axes?: readonly number[] | Value<'int64'>;
  /** Whether reduced axes stay, with extent 1; default true. */
  readonly keepdims?: boolean;
}

type Reduce = <D extends DType>(x: Value<D>, attributes?: ReduceAttributes) => Value<D>;

function reduce(schema: OperatorSchema): Reduce {
  return <D extends DType>(x: Value<D>, { axes, keepdims }: ReduceAttributes = {}) =>
    makeValue(schema, [x, axes], { keepdims }) as Value<D>;
}

export const reduceSum = reduce(schemas.ReduceSum);
/** Opset 18 (axes were an attribute before). */
export const reduceMean = reduce(schemas.ReduceMean);
/** Opset 18 (axes were an attribute before). */
export const reduceMax = reduce(schemas.ReduceMax);
