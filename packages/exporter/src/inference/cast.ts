/** Cast and CastLike: the shape stays, the element type comes from an attribute or another input. */
import { dtypeFromOnnx } from '../tensor/index.js';
import { intAttribute, type Rule, shapeOf } from './rule.js';

export const cast: Rule = (context) => {
  const to = intAttribute(context, 'to', undefined);
  const dtype = to === undefined ? undefined : dtypeFromOnnx(to);
  if (dtype === undefined) context.fail(`to = ${to} is no element type`);
  return [{ shape: shapeOf(context, 0), dtype }];
};
