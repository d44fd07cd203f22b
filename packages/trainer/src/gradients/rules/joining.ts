/** Concat and Split, each the other's gradient. */
import { constant, op, type Shape, type Value } from '@rheobase/exporter';
import {
  concat,
  expand,
  filledLike,
  gather,
  integers,
  reshape,
  scatterElements,
  shapeOf,
  slice,
  split,
} from '../../graph/operators.js';
import { integersOf, withShape } from '../../graph/values.js';
import { type Differentiated, type GradientRule, multiple, rule } from '../rule.js';

const joined = rule((node, g) => {
  const axis = node.int('axis', 0);
  const extents = node.inputs.map((input) => input.shape?.at(axis));
  if (extents.every((extent) => typeof extent === 'number')) {
    const pieces = split(g, extents, axis, extents.length);
    return pieces.map((piece, index) => withShape(piece, node.input(index).shape));
  }
  return slicedApart(node.inputs, g, axis);
});

/** Extents that are only known when running: each piece begins where the one before ends. */
function slicedApart(inputs: readonly Value[], g: Value, axis: number): Value[] {
  let start: Value<'int64'> = integers([0]);
  return inputs.map((input) => {
    const extent = reshape(gather(shapeOf(input), integers([axis])), [1], [1]) as Value<'int64'>;
    const end = op.add(start, extent);
    const piece = slice(g, { starts: start, ends: end, axes: [axis] }, input.shape);
    start = end;
    return piece;
  });
}

const parted = multiple((node, gradients) => {
  const axis = node.int('axis', 0);
  const x = node.input(0);
  const extents = pieceExtents(node, axis);
  const pieces = gradients.map((gradient, index) => {
    if (gradient !== undefined) return gradient;
    const output = node.outputs[index];
    if (output !== undefined) return filledLike(output, 0);
    const extent = extents?.[index] ?? node.fail(`its output ${index} is unused and of unknown extent`);
    return expand(constant(0, x.dtype), ...withExtent(x, axis, extent));
  });
  return [concat(pieces, axis, x.shape)];
});

/** Extents of the pieces along the axis: as given, or even ones of which the last is what remains. */
function pieceExtents(node: Differentiated, axis: number): readonly number[] | undefined {
  const given = integersOf(node.optional(1)) ?? node.ints('split');
  const whole = node.input(0).shape?.at(axis);
  if (given !== undefined || typeof whole !== 'number') return given;
  const count = node.call.outputs.length;
  const each = Math.ceil(whole / count);
  return Array.from({ length: count }, (_, index) => (index < count - 1 ? each : whole - each * (count - 1)));
}

/** The shape of `x` with another extent along one axis, as a vector and as far as it is known. */
function withExtent(x: Value, axis: number, extent: number): [readonly number[] | Value<'int64'>, Shape] {
  const { shape } = x;
  if (shape === null) return [replaced(x, axis, extent), null];
  const result = shape.with(axis, extent);
  const isStatic = result.every((dim) => typeof dim === 'number');
  return [isStatic ? (result as readonly number[]) : replaced(x, axis, extent), result];
}

function replaced(x: Value, axis: number, extent: number): Value<'int64'> {
  return scatterElements(shapeOf(x), integers([axis]), integers([extent]));
}

export const JOINING: Readonly<Record<string, GradientRule>> = { Concat: joined, Split: parted };
