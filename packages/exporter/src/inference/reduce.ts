/** Reduce*: the named axes (all by default) become 1, or go. Axes are an input, and were an attribute before. */
import { constantInts, intAttribute, intsAttribute, type Rule, resolveAxis, shapeOf } from './rule.js';

export const reduce: Rule = (context) => {
  const shape = shapeOf(context, 0);
  const keep = intAttribute(context, 'keepdims', 1) !== 0;
  const isInput = context.inputs[1] !== undefined;
  const axes = isInput ? constantInts(context, 1) : (intsAttribute(context, 'axes') ?? []);
  if (shape === null || axes === undefined) {
    return [{ shape: shape !== null && keep ? shape.map(() => null) : null }];
  }
  if (axes.length === 0 && intAttribute(context, 'noop_with_empty_axes', 0) !== 0) return [{ shape }];
  const reduced = new Set(axes.map((axis) => resolveAxis(context, axis, shape.length)));
  const isReduced = (axis: number) => axes.length === 0 || reduced.has(axis);
  if (keep) return [{ shape: shape.map((dim, axis) => (isReduced(axis) ? 1 : dim)) }];
  return [{ shape: shape.filter((_, axis) => !isReduced(axis)) }];
};
