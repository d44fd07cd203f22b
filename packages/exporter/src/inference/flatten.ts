/** Flatten: a matrix of the extents before `axis` and from it on. */
import { intAttribute, type Rule, shapeOf } from './rule.js';
import { sizeOfDims } from './symbolic-dim.js';

export const flatten: Rule = (context) => {
  const shape = shapeOf(context, 0);
  if (shape === null) return [{ shape: [null, null] }];
  const axis = intAttribute(context, 'axis', 1);
  if (axis < -shape.length || axis > shape.length)
    context.fail(`axis ${axis} is outside a shape of rank ${shape.length}`);
  const split = axis < 0 ? axis + shape.length : axis;
  return [{ shape: [sizeOfDims(shape.slice(0, split)), sizeOfDims(shape.slice(split))] }];
};
