/** MatMul: numpy.matmul. A vector on the left is a row, on the right a column; leading axes broadcast. */
import type { Dim, Shape } from '../model/model.js';
import { broadcastShapes } from './broadcast.js';
import { formatShape, mayEqual, type Rule, type RuleContext, shapeOf } from './rule.js';

export const matMul: Rule = (context) => [{ shape: matMulShape(context, 0, 1) }];

/** The shape of the product of two inputs, by their positions. */
export function matMulShape(context: RuleContext, left: number, right: number): Shape {
  const a = shapeOf(context, left);
  const b = shapeOf(context, right);
  if (a === null || b === null) return null;
  if (a.length === 0 || b.length === 0) context.fail(`${formatShape(a)} x ${formatShape(b)}: a scalar is no matrix`);
  const inner = a[a.length - 1];
  const other = b[Math.max(0, b.length - 2)];
  if (!mayEqual(inner, other)) context.fail(`${formatShape(a)} x ${formatShape(b)}: ${inner} != ${other}`);
  const rows: readonly Dim[] = a.length === 1 ? [] : [a[a.length - 2]];
  const columns: readonly Dim[] = b.length === 1 ? [] : [b[b.length - 1]];
  const batch = broadcastShapes(context, [a.slice(0, -2), b.slice(0, -2)]);
  return batch === null ? null : [...batch, ...rows, ...columns];
}
