/** What picks along an axis: ArgMax, TopK, OneHot; and losses that pick a class. */
import type { Dim } from '../model/model.js';
import { elementsOf, intAttribute, type Rule, resolveAxis, shapeOf, textAttribute } from './rule.js';

/** ArgMax and ArgMin. */
export const argExtreme: Rule = (context) => {
  const shape = shapeOf(context, 0);
  if (shape === null) return [{ shape: null }];
  const axis = resolveAxis(context, intAttribute(context, 'axis', 0), shape.length);
  const keep = intAttribute(context, 'keepdims', 1) !== 0;
  return [{ shape: keep ? shape.map((dim, at) => (at === axis ? 1 : dim)) : shape.filter((_, at) => at !== axis) }];
};

export const topK: Rule = (context) => {
  const shape = shapeOf(context, 0);
  if (shape === null) return [];
  const axis = resolveAxis(context, intAttribute(context, 'axis', -1), shape.length);
  // Until opset 10 k was an attribute.
  const k = elementsOf(context, 1)?.[0] ?? intAttribute(context, 'k', undefined) ?? null;
  const extent = shape[axis];
  if (typeof k === 'number' && typeof extent === 'number' && k > extent) context.fail(`k = ${k} of ${extent} elements`);
  const picked = shape.map((dim, at): Dim => (at === axis ? k : dim));
  return [{ shape: picked }, { shape: picked }];
};

export const oneHot: Rule = (context) => {
  const indices = shapeOf(context, 0);
  if (indices === null) return [{ shape: null }];
  const rank = indices.length + 1;
  const axis = resolveAxis(context, intAttribute(context, 'axis', -1), rank);
  const depth = elementsOf(context, 1)?.[0] ?? floatScalar(context.inputs[1]?.constant?.data) ?? null;
  return [{ shape: [...indices.slice(0, axis), depth, ...indices.slice(axis)] }];
};

function floatScalar(data: unknown): number | undefined {
  return data instanceof Float32Array && data.length === 1 && Number.isInteger(data[0]) ? data[0] : undefined;
}

/** NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss: one number a target, or one for all. */
export const classLoss: Rule = (context) => {
  const isReduced = textAttribute(context, 'reduction', 'mean') !== 'none';
  return [{ shape: isReduced ? [] : shapeOf(context, 1) }, { shape: shapeOf(context, 0) }];
};
