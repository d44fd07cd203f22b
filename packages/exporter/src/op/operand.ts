/** What operator functions take beside values: JavaScript literals, which become constants of the right element type. */
import type { TypeName, Value } from '../builder/value.js';
import { type DType, dtypeToOnnx } from '../tensor/index.js';

/** Numbers for a numeric element type: one for a scalar, a list for a vector. */
export type Numbers = number | bigint | readonly number[] | readonly bigint[];
/** The same for bool. */
export type Flags = boolean | readonly boolean[];
/** The same for string. */
export type Texts = string | readonly string[];

/** A value of the element type that another operand decides, or a literal that becomes one. */
export type Operand<T extends TypeName, Literal = Numbers> = Value<NoInfer<T>> | Literal;

/** An element type as attributes have it. */
export function dtypeNumber(dtype: DType | undefined): number | undefined {
  return dtype === undefined ? undefined : dtypeToOnnx(dtype);
}

/** Where an operator wants a vector, a number alone is one of one element. */
export function vector<T>(operand: T): T | readonly number[] | readonly bigint[] {
  if (typeof operand === 'number') return [operand];
  return typeof operand === 'bigint' ? [operand] : operand;
}
