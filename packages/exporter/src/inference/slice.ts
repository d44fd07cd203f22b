/** Slice: along each axis the extents from start to before end in steps. All but data were attributes until opset 10. */
import type { Dim } from '../model/model.js';
import {
  constantInts,
  elementsOf,
  intsAttribute,
  type Rule,
  type RuleContext,
  resolveAxis,
  shapeOf,
  unknownOfRank,
} from './rule.js';

export const slice: Rule = (context) => {
  const shape = shapeOf(context, 0);
  if (shape === null) return [{ shape: null }];
  const starts = bounds(context, 1, 'starts');
  const ends = bounds(context, 2, 'ends');
  const count = starts?.length ?? ends?.length ?? lengthOf(context, 1);
  const axes = context.inputs[3] === undefined ? intsAttribute(context, 'axes') : constantInts(context, 3);
  if (count === undefined || (context.inputs[3] !== undefined && axes === undefined)) {
    return [{ shape: unknownOfRank(shape.length) }];
  }
  const steps = context.inputs[4] === undefined ? undefined : (constantInts(context, 4) ?? null);
  const sliced: Dim[] = [...shape];
  for (let index = 0; index < count; index += 1) {
    const axis = resolveAxis(context, axes?.[index] ?? index, shape.length);
    const step = steps === null ? null : (steps?.[index] ?? 1);
    if (step === 0) context.fail('a step of 0');
    sliced[axis] = extent(shape[axis], starts?.[index] ?? null, ends?.[index] ?? null, step);
  }
  return [{ shape: sliced }];
};

function bounds(context: RuleContext, index: number, name: string): readonly Dim[] | undefined {
  return context.inputs[index] === undefined ? intsAttribute(context, name) : elementsOf(context, index);
}

function lengthOf(context: RuleContext, index: number): number | undefined {
  const extent = shapeOf(context, index)?.[0];
  return typeof extent === 'number' ? extent : undefined;
}

/** Ends beyond this mean "to the end" whatever the extent is: exporters write the largest int32 or int64. */
const TO_THE_END = 2 ** 31 - 1;

function extent(dim: Dim, start: Dim, end: Dim, step: number | null): Dim {
  if (typeof start === 'number' && typeof end === 'number' && typeof dim === 'number' && step !== null) {
    return numberOfSteps(dim, start, end, step);
  }
  // Whole where the end is the extent itself or out of reach. A part of an extent by name may be cut short by it.
  if (step !== 1 || dim === null) return null;
  const isWhole = end === dim || (typeof end === 'number' && end >= TO_THE_END);
  return isWhole && start === 0 ? dim : null;
}

function numberOfSteps(dim: number, start: number, end: number, step: number): number {
  const from = clamp(start < 0 ? start + dim : start, 0, step > 0 ? dim : dim - 1);
  const to = clamp(end < 0 ? end + dim : end, step > 0 ? 0 : -1, step > 0 ? dim : dim - 1);
  return Math.max(0, Math.ceil((to - from) / step));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
