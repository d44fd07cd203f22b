/** Shape and Size: what a shape itself looks like. */
import { intAttribute, type Rule, shapeOf } from './rule.js';

export const shape: Rule = (context) => {
  const of = shapeOf(context, 0);
  if (of === null) return [{ shape: [null] }];
  const part = of.slice(intAttribute(context, 'start', 0), intAttribute(context, 'end', undefined));
  return [{ shape: [part.length] }];
};

export const size: Rule = () => [{ shape: [] }];
