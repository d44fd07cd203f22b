/** Pad, Tile, Expand and CenterCropPad: extents that grow. */
import type { Dim } from '../model/model.js';
import { broadcastShapes } from './broadcast.js';
import { constantInts, elementsOf, intsAttribute, type Rule, resolveAxis, shapeOf, unknownOfRank } from './rule.js';
import { addDims, multiplyDims } from './symbolic-dim.js';

export const pad: Rule = (context) => {
  const shape = shapeOf(context, 0);
  if (shape === null) return [{ shape: null }];
  const pads =
    context.inputs[1] === undefined
      ? (intsAttribute(context, 'pads') ?? intsAttribute(context, 'paddings'))
      : elementsOf(context, 1);
  const axes = context.inputs[3] === undefined ? shape.map((_, axis) => axis) : constantInts(context, 3);
  if (pads === undefined || axes === undefined) return [{ shape: unknownOfRank(shape.length) }];
  if (pads.length !== 2 * axes.length) context.fail(`${pads.length} pads for ${axes.length} axes, which take two each`);
  const padded: Dim[] = [...shape];
  for (const [index, axis] of axes.entries()) {
    const at = resolveAxis(context, axis, shape.length);
    padded[at] = addDims(shape[at], addDims(pads[index], pads[index + axes.length]));
  }
  return [{ shape: padded }];
};

export const tile: Rule = (context) => {
  const shape = shapeOf(context, 0);
  const repeats = elementsOf(context, 1);
  if (shape === null) return [{ shape: unknownOfRank(repeats?.length) }];
  // Opset 1 tiled one axis, by inputs `tiles` and `axis`.
  if (repeats === undefined || context.inputs[2] !== undefined) return [{ shape: unknownOfRank(shape.length) }];
  if (repeats.length !== shape.length) context.fail(`${repeats.length} repeats for a shape of rank ${shape.length}`);
  return [{ shape: shape.map((dim, axis) => multiplyDims(dim, repeats[axis])) }];
};

export const expand: Rule = (context) => {
  const shape = shapeOf(context, 0);
  const target = elementsOf(context, 1);
  if (target !== undefined) return [{ shape: broadcastShapes(context, [shape, target]) }];
  const rank = shapeOf(context, 1)?.[0];
  if (shape === null || typeof rank !== 'number') return [{ shape: null }];
  return [{ shape: unknownOfRank(Math.max(rank, shape.length)) }];
};

export const centerCropPad: Rule = (context) => {
  const shape = shapeOf(context, 0);
  if (shape === null) return [{ shape: null }];
  const axes = intsAttribute(context, 'axes') ?? shape.map((_, axis) => axis);
  const target = elementsOf(context, 1);
  const cropped: Dim[] = [...shape];
  for (const [index, axis] of axes.entries())
    cropped[resolveAxis(context, axis, shape.length)] = target?.[index] ?? null;
  return [{ shape: cropped }];
};
