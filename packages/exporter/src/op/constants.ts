/** Constants as nodes. An initializer, which `constant` of the builder makes, is what most models want instead. */
import { makeValue } from '../builder/make-node.js';
import type { Value } from '../builder/value.js';
import * as schemas from '../generated/operators.js';
import type { DType, Tensor } from '../tensor/index.js';
import { type Numbers, vector } from './operand.js';

/** A Constant node: the elements of a tensor inside the graph. Opset 1, in this form 25. */
export function constant<D extends DType>(value: Tensor<D>): Value<D> {
  return makeValue(schemas.Constant, [], { value }, constant);
}

/**
 * A shape filled with one element: that of `value`, a tensor of shape `[1]`; by default the float32 0. Opset 9, in this
 * form 25.
 */
export function constantOfShape<D extends DType = 'float32'>(
  shape: Value<'int64'> | Numbers,
  { value }: { readonly value?: Tensor<D> } = {},
): Value<D> {
  return makeValue(schemas.ConstantOfShape, [vector(shape)], { value }, constantOfShape);
}
