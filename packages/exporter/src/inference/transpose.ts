/** Transpose: the axes in the order of `perm`, reversed by default. */
import { formatShape, intsAttribute, type Rule, shapeOf } from './rule.js';

export const transpose: Rule = (context) => {
  const shape = shapeOf(context, 0);
  const perm = intsAttribute(context, 'perm');
  if (shape === null) return [{ shape: perm === undefined ? null : perm.map(() => null) }];
  if (perm === undefined) return [{ shape: shape.toReversed() }];
  const isPermutation = perm.length === shape.length && shape.every((_, axis) => perm.includes(axis));
  if (!isPermutation) context.fail(`[${perm}] does not permute the axes of ${formatShape(shape)}`);
  return [{ shape: perm.map((axis) => shape[axis]) }];
};
