/**
 * Arithmetic that folds while it builds: factors of one and terms of zero vanish, scalar constants are multiplied out.
 * Gradients are full of both, and what is not emitted needs no optimiser.
 */
import { constant, type DType, op, type Value } from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import { scalarNumber } from './values.js';

type Operand<D extends DType> = Value<D> | number;

/** a · b. A factor of zero gives the number 0, which stands for all elements. */
export function mul<D extends DType>(a: Value<D>, b: Operand<D>): Value<D> {
  const left = scalarNumber(a);
  const right = typeof b === 'number' ? b : scalarNumber(b);
  if (left !== undefined && right !== undefined) return constant(left * right, a.dtype);
  if (right === 1) return a;
  if (right === 0) return constant(0, a.dtype);
  if (right !== undefined) return scaled(a, right);
  return left === undefined ? op.mul(a, b as Value<D>) : mul(b as Value<D>, left);
}

/** a · factor, one Mul where `a` is already a multiple by a constant. */
function scaled<D extends DType>(a: Value<D>, factor: number): Value<D> {
  const call = a.source.kind === 'output' ? a.source.call : undefined;
  if (factor === -1) return neg(a);
  if (call?.schema === schemas.Mul) {
    const [x, y] = call.inputs as readonly Value<D>[];
    const inner = scalarNumber(y);
    if (inner !== undefined) return mul(x, inner * factor);
  }
  if (call?.schema === schemas.Neg) return scaled(call.inputs[0] as Value<D>, -factor);
  return op.mul(a, factor);
}

/** a / b; by a constant it becomes a product, which is faster and the same for powers of two. */
export function div<D extends DType>(a: Value<D>, b: Operand<D>): Value<D> {
  const divisor = typeof b === 'number' ? b : scalarNumber(b);
  if (divisor !== undefined) return mul(a, 1 / divisor);
  return scalarNumber(a) === 1 ? op.reciprocal(b as Value<D>) : op.div(a, b as Value<D>);
}

/** a + b. */
export function add<D extends DType>(a: Value<D>, b: Operand<D>): Value<D> {
  const left = scalarNumber(a);
  const right = typeof b === 'number' ? b : scalarNumber(b);
  if (left !== undefined && right !== undefined) return constant(left + right, a.dtype);
  if (right === 0) return a;
  if (left === 0) return b as Value<D>;
  return op.add(a, b as Value<D>);
}

/** a − b, where one may be a number. */
export function sub<D extends DType>(a: Value<D>, b: Operand<D>): Value<D>;
export function sub<D extends DType>(a: number, b: Value<D>): Value<D>;
export function sub<D extends DType>(a: Operand<D>, b: Operand<D>): Value<D> {
  if (typeof b === 'number') return add(a as Value<D>, -b);
  const left = typeof a === 'number' ? a : scalarNumber(a);
  if (left === 0) return neg(b);
  if (scalarNumber(b) === 0 && typeof a !== 'number') return a;
  return op.sub(typeof a === 'number' ? constant(a, b.dtype) : a, b);
}

/** −a. */
export function neg<D extends DType>(a: Value<D>): Value<D> {
  const number = scalarNumber(a);
  if (number !== undefined) return constant(-number, a.dtype);
  const call = a.source.kind === 'output' ? a.source.call : undefined;
  if (call?.schema === schemas.Neg) return call.inputs[0] as Value<D>;
  return op.neg(a);
}

/** a². */
export function square<D extends DType>(a: Value<D>): Value<D> {
  return mul(a, a);
}

/** The sum of several values of one shape: one Sum beyond two. */
export function total<D extends DType>(values: readonly Value<D>[]): Value<D> {
  const [first, ...rest] = values.filter((value) => scalarNumber(value) !== 0);
  if (first === undefined) return values[0];
  if (rest.length === 0) return first;
  return rest.length === 1 ? add(first, rest[0]) : op.sum(first, ...rest);
}

/** x where the condition holds, 0 elsewhere: unlike a product it gives 0 even where x is NaN or infinite. */
export function masked<D extends DType>(condition: Value<'bool'>, x: Value<D>): Value<D> {
  return op.where(condition, x, 0);
}

/** 0 where the condition holds, x elsewhere. */
export function unless<D extends DType>(condition: Value<'bool'>, x: Value<D>): Value<D> {
  return op.where(condition, constant(0, x.dtype), x);
}
