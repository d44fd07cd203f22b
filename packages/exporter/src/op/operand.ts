/** What operator functions take beside values: JavaScript numbers, which become constants of the right element type. */
import type { Value } from '../builder/value.js';
import type { DType } from '../tensor/index.js';

export type Scalar = number | bigint | boolean;

/** A value of the element type that the first operand decides, or a literal that becomes one. */
export type Operand<D extends DType> = Value<NoInfer<D>> | Scalar | readonly number[];
