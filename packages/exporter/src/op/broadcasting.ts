/** Operators of several values that broadcast together. The first operand is a value and decides the element type. */

import { makeValue } from '../builder/make-node.js';
import type { Value } from '../builder/value.js';
import * as schemas from '../generated/operators.js';
import type { OperatorSchema } from '../operators/schema.js';
import type { DType } from '../tensor/index.js';
import type { Operand } from './operand.js';

type Binary = <D extends DType>(a: Value<D>, b: Operand<D>) => Value<D>;
type Comparison = <D extends DType>(a: Value<D>, b: Operand<D>) => Value<'bool'>;
type Variadic = <D extends DType>(first: Value<D>, ...rest: readonly Operand<D>[]) => Value<D>;

function binary(schema: OperatorSchema): Binary {
  return <D extends DType>(a: Value<D>, b: Operand<D>) => makeValue(schema, [a, b]) as Value<D>;
}

function comparison(schema: OperatorSchema): Comparison {
  return (a, b) => makeValue(schema, [a, b]) as Value<'bool'>;
}

function variadic(schema: OperatorSchema): Variadic {
  return <D extends DType>(first: Value<D>, ...rest: readonly Operand<D>[]) =>
    makeValue(schema, [first, ...rest]) as Value<D>;
}

export const add = binary(schemas.Add);
export const sub = binary(schemas.Sub);
export const mul = binary(schemas.Mul);
export const div = binary(schemas.Div);
export const pow = binary(schemas.Pow);
export const prelu = binary(schemas.PRelu);

export const equal = comparison(schemas.Equal);
export const greater = comparison(schemas.Greater);
export const greaterOrEqual = comparison(schemas.GreaterOrEqual);
export const less = comparison(schemas.Less);
export const lessOrEqual = comparison(schemas.LessOrEqual);

export const and: (a: Value<'bool'>, b: Value<'bool'> | boolean) => Value<'bool'> = comparison(schemas.And);
export const or: (a: Value<'bool'>, b: Value<'bool'> | boolean) => Value<'bool'> = comparison(schemas.Or);

export const max = variadic(schemas.Max);
export const min = variadic(schemas.Min);
export const sum = variadic(schemas.Sum);

/** x where the condition holds, y elsewhere. */
export function where<D extends DType>(condition: Value<'bool'>, x: Value<D>, y: Operand<D>): Value<D> {
  return makeValue(schemas.Where, [condition, x, y]) as Value<D>;
}
