/**
 * Attention: Q [batch, heads, queries, size] with K and V [batch, kv heads, keys, …], or all three as
 * [batch, length, heads · size]. Outputs: Y shaped like Q with V's size, the keys and values with the past before them,
 * and what the product of Q and K was.
 */
import type { Dim, Shape } from '../model/model.js';
import { dtypeOf, intAttribute, type Rule, type RuleContext, shapeOf } from './rule.js';
import { addDims, divideDims, multiplyDims } from './symbolic-dim.js';

export const attention: Rule = (context) => {
  const [q, k, v] = [0, 1, 2].map((index) => shapeOf(context, index));
  if (q === null || k === null || v === null) return [];
  const heads = q.length === 4 ? q[1] : (intAttribute(context, 'q_num_heads', undefined) ?? null);
  const kvHeads = intAttribute(context, 'kv_num_heads', undefined) ?? null;
  const keys = asHeads(k, kvHeads);
  const values = asHeads(v, kvHeads);
  const [presentKeys, presentValues] = [withPast(context, keys, 4), withPast(context, values, 5)];
  const queries = q.length === 4 ? q[2] : q[1];
  const size = values?.[3] ?? null;
  const y = q.length === 4 ? [q[0], q[1], q[2], size] : [q[0], q[1], multiplyDims(heads, size)];
  return [
    { shape: y },
    { shape: presentKeys },
    { shape: presentValues },
    { shape: [q[0], heads, queries, presentKeys?.[2] ?? null] },
  ];
};

function asHeads(shape: readonly Dim[], heads: Dim): readonly Dim[] {
  if (shape.length === 4) return shape;
  return [shape[0], heads, shape[1], divideDims(shape[2], heads)];
}

/** The past comes before, along the axis of keys. */
function withPast(context: RuleContext, shape: readonly Dim[], past: number): Shape {
  if (context.inputs[past] === undefined) return shape;
  const before = shapeOf(context, past)?.[2] ?? null;
  return shape.map((dim, axis) => (axis === 2 ? addDims(dim, before) : dim));
}

/** The state is of the type of the past one, or of the query. */
export const linearAttention: Rule = (context) => [
  {},
  { dtype: dtypeOf(context, 3) ?? dtypeOf(context, 0), shape: shapeOf(context, 3) },
];
