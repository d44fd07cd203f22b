/** Gemm: alpha·A'·B' + beta·C with A' and B' transposed on request, C broadcast to the product. */

import { broadcastShapes } from './broadcast.js';
import { formatShape, intAttribute, mayEqual, type Rule, shapeOf } from './rule.js';

export const gemm: Rule = (context) => {
  const a = shapeOf(context, 0);
  const b = shapeOf(context, 1);
  if (a === null || b === null) return [{ shape: null }];
  const transA = intAttribute(context, 'transA', 0) !== 0;
  const transB = intAttribute(context, 'transB', 0) !== 0;
  const label = `${formatShape(a)}${transA ? 'ᵀ' : ''} x ${formatShape(b)}${transB ? 'ᵀ' : ''}`;
  if (a.length !== 2 || b.length !== 2) context.fail(`${label}: both must be matrices`);
  const [rows, inner] = transA ? [a[1], a[0]] : [a[0], a[1]];
  const [other, columns] = transB ? [b[1], b[0]] : [b[0], b[1]];
  if (!mayEqual(inner, other)) context.fail(`${label}: ${inner} != ${other}`);
  const shape = [rows, columns];
  if (context.inputs[2] !== undefined) broadcastShapes(context, [shape, shapeOf(context, 2)]);
  return [{ shape }];
};
