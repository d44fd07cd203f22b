/** Sequences and optionals: the operators whose type comes from an attribute or may be left open. */
import { makeValue } from '../builder/make-node.js';
import { type AnyValue, type OptionalOf, type SequenceOf, Value } from '../builder/value.js';
import * as schemas from '../generated/operators.js';
import type { ValueType } from '../model/model.js';
import { typeFromName } from '../operators/type-name.js';
import type { DType } from '../tensor/index.js';
import { dtypeNumber } from './operand.js';

/** A sequence without tensors. Opset 11. */
export function sequenceEmpty<T extends DType = 'float32'>({
  dtype,
}: {
  readonly dtype?: T;
} = {}): Value<SequenceOf<T>> {
  return makeValue(schemas.SequenceEmpty, [], { dtype: dtypeNumber(dtype) }, sequenceEmpty);
}

/** An optional with a value in it, or, given the name of a type, an empty one. Opset 15. */
export function optional<V extends DType | SequenceOf<DType>>(input: Value<V> | V): Value<OptionalOf<V>> {
  if (input instanceof Value) return makeValue(schemas.Optional, [input], undefined, optional);
  const type: ValueType = typeFromName(input) ?? { kind: 'unknown' };
  return makeValue(schemas.Optional, [], { type }, optional);
}

/** Whether an optional has a value in it. Opset 15, in this form 18. */
export function optionalHasElement(input?: AnyValue): Value<'bool'> {
  return makeValue(schemas.OptionalHasElement, [input], undefined, optionalHasElement);
}
