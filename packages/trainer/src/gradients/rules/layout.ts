/** The same elements in another shape or order: the gradient goes the way back. */
import { op, type Shape, type Value } from '@rheobase/exporter';
import { reshape, shapeOf } from '../../graph/operators.js';
import { withShape } from '../../graph/values.js';
import { elementwise, type GradientRule, rule } from '../rule.js';

/** Back to the input's shape; one extent that is only known when running is what remains. */
export function reshapedTo(g: Value, like: Value): Value {
  const { shape } = like;
  if (shape === null || openExtents(shape) > 1) return reshape(g, shapeOf(like), shape);
  return reshape(
    g,
    shape.map((dim) => (typeof dim === 'number' ? dim : -1)),
    shape,
  );
}

function openExtents(shape: NonNullable<Shape>): number {
  // With an extent of 0, −1 is ambiguous; the exact shape is asked for then.
  if (shape.includes(0)) return 2;
  return shape.filter((dim) => typeof dim !== 'number').length;
}

const reshaped = rule((node, g) => [reshapedTo(g, node.input(0))]);

const transpose = rule((node, g) => {
  const perm = node.ints('perm');
  if (perm === undefined) return [op.transpose(g)];
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return [withShape(op.transpose(g, { perm: inverse }), node.input(0).shape)];
});

/** A triangle of the gradient: what was cut away has none. */
const trilu = rule((node, g) => [
  op.trilu(g, node.optional(1) as Value<'int64'> | undefined, { upper: node.int('upper', 1) !== 0 }),
]);

/** The running sum from the other end. */
const cumSum = rule((node, g) => {
  const reverse = node.int('reverse', 0) === 0;
  return [op.cumSum(g, node.input(1) as Value<'int64'>, { reverse, exclusive: node.int('exclusive', 0) !== 0 })];
});

/** SpaceToDepth puts the place within a block before the channel; mode CRD wants it behind. */
const depthToSpace = rule((node, g) => {
  const x = node.input(0);
  const blocksize = node.int('blocksize', 1);
  const gathered = op.spaceToDepth(g, { blocksize });
  if (node.text('mode', 'DCR') !== 'CRD') return [withShape(gathered, x.shape)];
  const places = blocksize * blocksize;
  const channels = x.shape?.[1];
  if (typeof channels !== 'number') return node.fail('its channels are not known');
  const apart = reshape(gathered, [0, places, channels / places, -1]);
  return [reshapedTo(op.transpose(withShape(apart, [null, null, null, null]), { perm: [0, 2, 1, 3] }), x)];
});

const spaceToDepth = rule((node, g) => [
  withShape(op.depthToSpace(g, { blocksize: node.int('blocksize', 1) }), node.input(0).shape),
]);

/** In training mode: what was kept, scaled as it was. */
const dropout = elementwise((node, g) => {
  const training = node.optional(2);
  if (training === undefined) return [g];
  return node.fail('in training mode it keeps its mask to itself', 'use the dropout of the trainer');
});

export const LAYOUT: Readonly<Record<string, GradientRule>> = {
  CumSum: cumSum,
  DepthToSpace: depthToSpace,
  Dropout: dropout,
  Flatten: reshaped,
  Reshape: reshaped,
  SpaceToDepth: spaceToDepth,
  Squeeze: reshaped,
  Transpose: transpose,
  Trilu: trilu,
  Unsqueeze: reshaped,
};
