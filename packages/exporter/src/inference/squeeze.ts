/** Squeeze and Unsqueeze: axes of extent 1 taken out or put in. Their axes were an attribute until opset 13. */
import type { Dim } from '../model/model.js';
import { constantInts, formatShape, intsAttribute, type Rule, type RuleContext, resolveAxis, shapeOf } from './rule.js';

export const squeeze: Rule = (context) => {
  const shape = shapeOf(context, 0);
  if (shape === null) return [{ shape: null }];
  const axes = axesOf(context);
  if (axes === undefined) {
    const isOpen = context.inputs[1] !== undefined || shape.some((dim) => typeof dim !== 'number');
    return [{ shape: isOpen ? null : shape.filter((dim) => dim !== 1) }];
  }
  const squeezed = new Set(axes.map((axis) => resolveAxis(context, axis, shape.length)));
  for (const axis of squeezed) {
    if (typeof shape[axis] === 'number' && shape[axis] !== 1) {
      context.fail(`axis ${axis} of ${formatShape(shape)} is not 1`);
    }
  }
  return [{ shape: shape.filter((_, axis) => !squeezed.has(axis)) }];
};

export const unsqueeze: Rule = (context) => {
  const shape = shapeOf(context, 0);
  const axes = axesOf(context);
  if (shape === null || axes === undefined) return [{ shape: null }];
  const rank = shape.length + axes.length;
  const added = new Set(axes.map((axis) => resolveAxis(context, axis, rank)));
  if (added.size !== axes.length) context.fail(`[${axes}] names an axis twice`);
  const rest = [...shape];
  return [{ shape: Array.from({ length: rank }, (_, axis): Dim => (added.has(axis) ? 1 : (rest.shift() ?? null))) }];
};

function axesOf(context: RuleContext): readonly number[] | undefined {
  return context.inputs[1] === undefined ? intsAttribute(context, 'axes') : constantInts(context, 1);
}
