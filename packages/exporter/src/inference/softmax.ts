/** Softmax and its kin: normalise along an axis, the shape stays. */
import { intAttribute, type Rule, resolveAxis, shapeOf } from './rule.js';

export const alongAxis: Rule = (context) => {
  const shape = shapeOf(context, 0);
  if (shape !== null && shape.length > 0) resolveAxis(context, intAttribute(context, 'axis', -1), shape.length);
  return [{ shape }];
};
