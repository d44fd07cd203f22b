/**
 * Broadcasting and its transpose. What was spread out on the way forward is summed on the way back (ONNX's
 * Broadcasting document). Where extents are symbolic, the same is decided when running.
 */
import { constant, type Dim, type DType, op, type Value } from '@rheobase/exporter';
import { concat, expand, reshape, shapeOf, squeeze } from './operators.js';
import { withShape } from './values.js';

/**
 * `x` spread to the shape of `like`, unchanged where it surely has that shape. Gradients may be smaller than their
 * value: a mean's is one number for all elements.
 */
export function spreadTo<D extends DType>(x: Value<D>, like: Value): Value<D> {
  return isSurely(x, like) ? x : expand(x, shapeOf(like), like.shape);
}

function isSurely(x: Value, like: Value): boolean {
  const target = like.shape;
  if (x.shape === null || target === null || x.shape.length < target.length) return false;
  return x.shape.every((dim, axis) => (typeof dim === 'number' && dim !== 1) || (dim !== null && dim === target[axis]));
}

/** The gradient of an operand that was broadcast: `gradient` summed to the shape of `operand`. */
export function sumTo<D extends DType>(gradient: Value<D>, operand: Value, output: Value): Value<D> {
  const from = output.shape;
  const to = operand.shape;
  if (from === null || to === null) return sumAtRunTime(gradient, operand, output);
  const added = from.length - to.length;
  const repeated: number[] = [];
  for (const [axis, dim] of from.entries()) {
    const own: Dim = axis < added ? 1 : to[axis - added];
    if (axis < added || (own === 1 && dim !== 1)) repeated.push(axis);
    else if (!isSame(own, dim)) return sumAtRunTime(gradient, operand, output);
  }
  if (repeated.length === 0) return gradient;
  const full = spreadTo(gradient, output);
  if (repeated.every((axis) => axis < added)) {
    return withShape(op.reduceSum(full, { axes: repeated, keepdims: false }), to);
  }
  const summed = op.reduceSum(full, { axes: repeated, keepdims: true });
  if (added === 0) return withShape(summed, to);
  return squeeze(
    summed,
    Array.from({ length: added }, (_, axis) => axis),
    to,
  );
}

/** Whether an operand's extent is surely the output's: a number above 1, or the same name. */
function isSame(own: Dim, output: Dim): boolean {
  return (typeof own === 'number' && own !== 1) || (own !== null && own === output);
}

/** Axes whose extents differ are found from the shapes themselves; extents of the operand are 1 there. */
function sumAtRunTime<D extends DType>(gradient: Value<D>, operand: Value, output: Value): Value<D> {
  const outer = shapeOf(output);
  const inner = shapeOf(operand);
  const missing = op.sub(shapeOf(outer), shapeOf(inner));
  const ones = expand(constant(1n), missing, [null]);
  const aligned = concat([ones, inner], 0, [null]);
  const differs = op.not(op.equal(aligned, outer));
  const axes = reshape(op.nonZero(differs), [-1], [null]);
  const full = spreadTo(gradient, output);
  const summed = op.reduceSum(full, { axes, keepdims: true, noopWithEmptyAxes: true });
  return reshape(summed, inner, operand.shape);
}
