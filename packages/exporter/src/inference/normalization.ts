/** Normalisations: the shape stays; statistics have shapes of their own. */
import { dtypeAttribute, intAttribute, type Rule, resolveAxis, shapeOf } from './rule.js';

/** y, then mean and variance of each channel. */
export const batchNormalization: Rule = (context) => {
  const statistics = { shape: shapeOf(context, 3) };
  return [{ shape: shapeOf(context, 0) }, statistics, statistics, statistics, statistics];
};

/** y, then mean and inverse deviation, where the normalised axes are 1. */
export const layerNormalization: Rule = (context) => {
  const shape = shapeOf(context, 0);
  const dtype = dtypeAttribute(context, 'stash_type') ?? 'float32';
  if (shape === null) return [{ shape }, { dtype }, { dtype }];
  const axis = resolveAxis(context, intAttribute(context, 'axis', -1), shape.length);
  const statistics = { dtype, shape: shape.map((dim, at) => (at < axis ? dim : 1)) };
  return [{ shape }, statistics, statistics];
};

/** Dropout: x, and which elements stayed. */
export const dropout: Rule = (context) => {
  const shape = shapeOf(context, 0);
  return [{ shape }, { shape }];
};
