/** Flatten: a matrix of the extents before and from `axis` on. */
import type { Dim } from '../model/model.js';
import { intAttribute, type Rule, shapeOf } from './rule.js';

export const flatten: Rule = (context) => {
  const shape = shapeOf(context, 0);
  if (shape === null) return [{ shape: [null, null] }];
  const axis = intAttribute(context, 'axis', 1);
  if (axis < -shape.length || axis > shape.length)
    context.fail(`axis ${axis} is outside a shape of rank ${shape.length}`);
  const split = axis < 0 ? axis + shape.length : axis;
  return [{ shape: [product(shape.slice(0, split)), product(shape.slice(split))] }];
};

/** The size of some extents: a lone named one keeps its name, several make something unknown. */
function product(dims: readonly Dim[]): Dim {
  const others = dims.filter((dim) => dim !== 1);
  if (others.length === 1) return others[0];
  return others.every((dim) => typeof dim === 'number') ? others.reduce((size, dim) => size * dim, 1) : null;
}
