/** Resize, Upsample and GridSample: other extents for the same image. */
import type { Dim } from '../model/model.js';
import {
  elementsOf,
  intsAttribute,
  type Rule,
  type RuleContext,
  resolveAxis,
  shapeOf,
  textAttribute,
  unknownOfRank,
} from './rule.js';

/** Until opset 11 the scales were input 1 (Upsample the same; its scales an attribute until opset 9). */
export const resize: Rule = (context) => {
  const shape = shapeOf(context, 0);
  if (shape === null) return [{ shape: null }];
  const axes = (intsAttribute(context, 'axes') ?? shape.map((_, axis) => axis)).map((axis) =>
    resolveAxis(context, axis, shape.length),
  );
  const scales = floats(context, context.inputs.length === 2 ? 1 : 2) ?? floatsAttribute(context, 'scales');
  const sizes = context.inputs[3] === undefined ? undefined : elementsOf(context, 3);
  if (sizes !== undefined) return [{ shape: toSizes(context, shape, axes, sizes) }];
  if (scales === undefined || scales.length === 0) return [{ shape: unknownOfRank(shape.length) }];
  const resized: Dim[] = [...shape];
  for (const [index, axis] of axes.entries()) resized[axis] = scaled(shape[axis], scales[index]);
  return [{ shape: resized }];
};

/** A policy other than `stretch` keeps the proportions: one scale for all axes, from the sizes. */
function toSizes(context: RuleContext, shape: readonly Dim[], axes: readonly number[], sizes: readonly Dim[]): Dim[] {
  const policy = textAttribute(context, 'keep_aspect_ratio_policy', 'stretch');
  const resized: Dim[] = [...shape];
  if (policy === 'stretch') {
    for (const [index, axis] of axes.entries()) resized[axis] = sizes[index];
    return resized;
  }
  const ratios = axes.map((axis, index) => {
    const [size, extent] = [sizes[index], shape[axis]];
    return typeof size === 'number' && typeof extent === 'number' ? size / extent : Number.NaN;
  });
  const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  for (const axis of axes) {
    const extent = shape[axis];
    resized[axis] = typeof extent === 'number' && !Number.isNaN(scale) ? Math.round(extent * scale) : null;
  }
  return resized;
}

function scaled(extent: Dim, scale: number): Dim {
  if (scale === 1) return extent;
  // Scales are float32, and so is the product.
  return typeof extent === 'number' ? Math.floor(Math.fround(extent * scale)) : null;
}

function floats({ inputs }: RuleContext, index: number): readonly number[] | undefined {
  const constant = inputs[index]?.constant;
  return constant?.dtype === 'float32' ? Array.from(constant.data as Float32Array) : undefined;
}

function floatsAttribute({ attributes }: RuleContext, name: string): readonly number[] | undefined {
  const attribute = attributes.get(name);
  return attribute?.kind === 'floats' ? attribute.value : undefined;
}

/** [batch, channels, …] at the positions of a grid [batch, …out, axes]. */
export const gridSample: Rule = (context) => {
  const x = shapeOf(context, 0);
  const grid = shapeOf(context, 1);
  if (grid === null) return [{ shape: unknownOfRank(x?.length) }];
  return [{ shape: [x?.[0] ?? grid[0], x?.[1] ?? null, ...grid.slice(1, -1)] }];
};
