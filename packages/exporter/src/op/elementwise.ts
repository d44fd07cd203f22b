/** Operators of one value, element by element: the output has its shape and element type. */

import { makeValue } from '../builder/make-node.js';
import type { Value } from '../builder/value.js';
import * as schemas from '../generated/operators.js';
import type { OperatorSchema } from '../operators/schema.js';
import { type DType, dtypeToOnnx } from '../tensor/index.js';
import type { Scalar } from './operand.js';

type Unary = <D extends DType>(x: Value<D>) => Value<D>;

function unary(schema: OperatorSchema): Unary {
  return <D extends DType>(x: Value<D>) => makeValue(schema, [x]) as Value<D>;
}

export const abs = unary(schemas.Abs);
export const ceil = unary(schemas.Ceil);
export const cos = unary(schemas.Cos);
export const erf = unary(schemas.Erf);
export const exp = unary(schemas.Exp);
export const floor = unary(schemas.Floor);
/** x · max(0, min(1, x/6 + 1/2)); opset 14. */
export const hardSwish = unary(schemas.HardSwish);
export const identity = unary(schemas.Identity);
export const log = unary(schemas.Log);
/** x · tanh(softplus(x)); opset 18. */
export const mish = unary(schemas.Mish);
export const neg = unary(schemas.Neg);
export const not: (x: Value<'bool'>) => Value<'bool'> = unary(schemas.Not);
export const reciprocal = unary(schemas.Reciprocal);
export const relu = unary(schemas.Relu);
/** Half to even. */
export const round = unary(schemas.Round);
export const sigmoid = unary(schemas.Sigmoid);
export const sign = unary(schemas.Sign);
export const sin = unary(schemas.Sin);
/** ln(eˣ + 1). */
export const softplus = unary(schemas.Softplus);
/** x / (1 + |x|). */
export const softsign = unary(schemas.Softsign);
export const sqrt = unary(schemas.Sqrt);
export const tanh = unary(schemas.Tanh);

function isNotANumber(x: Value): Value<'bool'> {
  return makeValue(schemas.IsNaN, [x]) as Value<'bool'>;
}

// Named after the operator on the outside only: inside, it would hide JavaScript's own isNaN.
export { isNotANumber as isNaN };

export function isInf(
  x: Value,
  attributes: { detectNegative?: boolean; detectPositive?: boolean } = {},
): Value<'bool'> {
  const { detectNegative, detectPositive } = attributes;
  return makeValue(schemas.IsInf, [x], {
    detect_negative: detectNegative,
    detect_positive: detectPositive,
  }) as Value<'bool'>;
}

/** x where x ≥ 0, alpha·x elsewhere; alpha 0.01. */
export function leakyRelu<D extends DType>(x: Value<D>, { alpha }: { alpha?: number } = {}): Value<D> {
  return makeValue(schemas.LeakyRelu, [x], { alpha }) as Value<D>;
}

/** x where x ≥ 0, alpha·(eˣ − 1) elsewhere; alpha 1. */
export function elu<D extends DType>(x: Value<D>, { alpha }: { alpha?: number } = {}): Value<D> {
  return makeValue(schemas.Elu, [x], { alpha }) as Value<D>;
}

/** Elu with a quotient inside: max(0, x) + min(0, alpha·(e^(x/alpha) − 1)); alpha 1. */
export function celu<D extends DType>(x: Value<D>, { alpha }: { alpha?: number } = {}): Value<D> {
  return makeValue(schemas.Celu, [x], { alpha }) as Value<D>;
}

/** gamma·(x where x > 0, alpha·(eˣ − 1) elsewhere); alpha 1.67326…, gamma 1.0507…. */
export function selu<D extends DType>(
  x: Value<D>,
  { alpha, gamma }: { alpha?: number; gamma?: number } = {},
): Value<D> {
  return makeValue(schemas.Selu, [x], { alpha, gamma }) as Value<D>;
}

/** max(0, min(1, alpha·x + beta)); alpha 0.2, beta 0.5. */
export function hardSigmoid<D extends DType>(
  x: Value<D>,
  { alpha, beta }: { alpha?: number; beta?: number } = {},
): Value<D> {
  return makeValue(schemas.HardSigmoid, [x], { alpha, beta }) as Value<D>;
}

/** x·Φ(x), exactly or by its tanh approximation; opset 20. */
export function gelu<D extends DType>(x: Value<D>, { approximate }: { approximate?: 'none' | 'tanh' } = {}): Value<D> {
  return makeValue(schemas.Gelu, [x], { approximate }) as Value<D>;
}

/** x where x > alpha, 0 elsewhere; alpha 1. */
export function thresholdedRelu<D extends DType>(x: Value<D>, { alpha }: { alpha?: number } = {}): Value<D> {
  return makeValue(schemas.ThresholdedRelu, [x], { alpha }) as Value<D>;
}

/** x − bias where x > lambd, x + bias where x < −lambd, 0 between; lambd 0.5, bias 0. */
export function shrink<D extends DType>(
  x: Value<D>,
  { lambd, bias }: { lambd?: number; bias?: number } = {},
): Value<D> {
  return makeValue(schemas.Shrink, [x], { lambd, bias }) as Value<D>;
}

/** x kept between min and max, which are scalars. */
export function clip<D extends DType>(
  x: Value<D>,
  min?: Value<NoInfer<D>> | Scalar,
  max?: Value<NoInfer<D>> | Scalar,
): Value<D> {
  return makeValue(schemas.Clip, [x, min, max]) as Value<D>;
}

/** x as another element type. */
export function cast<D extends DType>(x: Value, to: D): Value<D> {
  return makeValue(schemas.Cast, [x], { to: dtypeToOnnx(to) }) as Value<D>;
}
