/** Concat and Split: extents along an axis added up and taken apart. */
import type { Dim } from '../model/model.js';
import {
  constantInts,
  formatShape,
  intAttribute,
  intsAttribute,
  mayEqual,
  moreCertain,
  type Rule,
  type RuleContext,
  resolveAxis,
  shapeOf,
} from './rule.js';
import { addDims, divideDims } from './symbolic-dim.js';

export const concat: Rule = (context) => {
  const shapes = context.inputs.map((_, index) => shapeOf(context, index));
  const known = shapes.filter((shape) => shape !== null);
  if (known.length === 0) return [{ shape: null }];
  const rank = known[0].length;
  if (known.some(({ length }) => length !== rank)) {
    context.fail(`${known.map(formatShape).join(' and ')} have not the same rank`);
  }
  const axis = resolveAxis(context, intAttribute(context, 'axis', 1), rank);
  const shape = known.reduce((joined, other) =>
    joined.map((dim, at): Dim => {
      if (at === axis) return addDims(dim, other[at]);
      if (mayEqual(dim, other[at])) return moreCertain(dim, other[at]);
      return context.fail(`${known.map(formatShape).join(' and ')} differ on axis ${at}`);
    }),
  );
  return [{ shape: known.length === shapes.length ? shape : shape.map((dim, at) => (at === axis ? null : dim)) }];
};

export const split: Rule = (context) => {
  const shape = shapeOf(context, 0);
  const { outputCount } = context;
  if (shape === null) return [];
  const axis = resolveAxis(context, intAttribute(context, 'axis', 0), shape.length);
  const sizes = partSizes(context, shape[axis]);
  return Array.from({ length: outputCount }, (_, part) => ({
    shape: shape.map((dim, at) => (at === axis ? sizes[part] : dim)),
  }));
};

function partSizes(context: RuleContext, extent: Dim): readonly Dim[] {
  const { outputCount } = context;
  const given = context.inputs[1] === undefined ? intsAttribute(context, 'split') : constantInts(context, 1);
  if (given !== undefined) {
    const total = given.reduce((sum, size) => sum + size, 0);
    if (given.length !== outputCount) context.fail(`${given.length} sizes for ${outputCount} parts`);
    if (typeof extent === 'number' && total !== extent) context.fail(`parts of [${given}] do not make up ${extent}`);
    return given;
  }
  if (context.inputs[1] !== undefined) return new Array<Dim>(outputCount).fill(null);
  if (typeof extent !== 'number') return new Array<Dim>(outputCount).fill(divideDims(extent, outputCount));
  const size = Math.ceil(extent / outputCount);
  return Array.from({ length: outputCount }, (_, part) => Math.max(0, Math.min(size, extent - part * size)));
}
