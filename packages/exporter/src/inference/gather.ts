/** Gather and its kin, and what picks by a condition: Compress, NonZero, Unique. */
import type { Dim } from '../model/model.js';
import { formatShape, intAttribute, type Rule, resolveAxis, shapeOf } from './rule.js';
import { sizeOfDims } from './symbolic-dim.js';

export const gather: Rule = (context) => {
  const data = shapeOf(context, 0);
  const indices = shapeOf(context, 1);
  if (data === null || indices === null) return [{ shape: null }];
  const axis = resolveAxis(context, intAttribute(context, 'axis', 0), data.length);
  return [{ shape: [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)] }];
};

/** One index an element: shaped like the indices. */
export const gatherElements: Rule = (context) => {
  const [data, indices] = [shapeOf(context, 0), shapeOf(context, 1)];
  if (data !== null && indices !== null && data.length !== indices.length) {
    context.fail(`data ${formatShape(data)} and indices ${formatShape(indices)} have not the same rank`);
  }
  return [{ shape: indices }];
};

export const gatherND: Rule = (context) => {
  const data = shapeOf(context, 0);
  const indices = shapeOf(context, 1);
  const tuple = indices?.at(-1);
  const batch = intAttribute(context, 'batch_dims', 0);
  if (data === null || indices === null || typeof tuple !== 'number') return [{ shape: null }];
  if (batch + tuple > data.length) context.fail(`index tuples of ${tuple} into ${formatShape(data)}`);
  return [{ shape: [...indices.slice(0, -1), ...data.slice(batch + tuple)] }];
};

export const compress: Rule = (context) => {
  const data = shapeOf(context, 0);
  const axis = intAttribute(context, 'axis', undefined);
  if (axis === undefined) return [{ shape: [null] }];
  if (data === null) return [{ shape: null }];
  const at = resolveAxis(context, axis, data.length);
  return [{ shape: data.map((dim, index) => (index === at ? null : dim)) }];
};

/** One row an axis, one column an element that is not zero. */
export const nonZero: Rule = (context) => [{ shape: [shapeOf(context, 0)?.length ?? null, null] }];

export const unique: Rule = (context) => {
  const data = shapeOf(context, 0);
  const axis = intAttribute(context, 'axis', undefined);
  const along = data !== null && axis !== undefined ? resolveAxis(context, axis, data.length) : undefined;
  const values = axis === undefined ? [null] : (data?.map((dim, at): Dim => (at === along ? null : dim)) ?? null);
  const count = data === null ? null : along === undefined ? sizeOfDims(data) : data[along];
  return [{ shape: values }, { shape: [null] }, { shape: [count] }, { shape: [null] }];
};
