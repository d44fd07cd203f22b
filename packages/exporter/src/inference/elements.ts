/**
 * What is known of the elements of shape-like values: small integer scalars and vectors. A reshape is often computed
 * (Shape → Gather → Concat), and following its elements, symbolic ones too, is what keeps shapes known behind it.
 * One rule an operator; an operator without one makes elements of which nothing is known.
 */
import type { Dim, Shape } from '../model/model.js';
import {
  constantInts,
  dtypeAttribute,
  elementsOf,
  intAttribute,
  intsAttribute,
  type RuleContext,
  shapeOf,
} from './rule.js';
import { addDims, divideDims, multiplyDims, sizeOfDims, subtractDims } from './symbolic-dim.js';

export type ElementRule = (context: RuleContext) => readonly Dim[] | undefined;

/** More elements than this are no shape. */
const MOST_ELEMENTS = 64;

/** The elements of the first output, if it is an integer scalar or vector of a shape that is known. */
export function inferElements(context: RuleContext, shape: Shape): readonly Dim[] | undefined {
  if (shape === null || shape.length > 1) return undefined;
  const count = shape.length === 0 ? 1 : shape[0];
  if (typeof count !== 'number' || count > MOST_ELEMENTS) return undefined;
  const elements = ELEMENT_RULES[context.opType]?.(context);
  return elements?.length === count ? elements : undefined;
}

/** Reshaped, cast or copied, the elements are the same. */
const same: ElementRule = (context) => elementsOf(context, 0);

/** Element by element, a scalar with each of a vector. */
function elementwise(operation: (a: Dim, b: Dim) => Dim): ElementRule {
  return (context) => {
    const [a, b] = [elementsOf(context, 0), elementsOf(context, 1)];
    if (a === undefined || b === undefined || (a.length !== b.length && a.length !== 1 && b.length !== 1))
      return undefined;
    const length = a.length === 1 ? b.length : a.length;
    return Array.from({ length }, (_, index) => operation(at(a, index), at(b, index)));
  };
}

const at = (dims: readonly Dim[], index: number): Dim => (dims.length === 1 ? dims[0] : dims[index]);

/** Known numbers only. */
const onNumbers = (operation: (a: number, b: number) => number) => (a: Dim, b: Dim) =>
  typeof a === 'number' && typeof b === 'number' ? operation(a, b) : a === b ? a : null;

/** Integers are truncated towards zero. */
function quotient(a: Dim, b: Dim): Dim {
  return typeof a === 'number' && typeof b === 'number' ? (b === 0 ? null : Math.trunc(a / b)) : divideDims(a, b);
}

const ELEMENT_RULES: Readonly<Record<string, ElementRule>> = {
  Identity: same,
  Reshape: same,
  Flatten: same,
  Squeeze: same,
  Unsqueeze: same,

  Cast(context) {
    const dtype = dtypeAttribute(context, 'to');
    return dtype === 'int64' || dtype === 'int32' ? elementsOf(context, 0) : undefined;
  },

  Shape(context) {
    const shape = shapeOf(context, 0);
    if (shape === null) return undefined;
    return shape.slice(intAttribute(context, 'start', 0), intAttribute(context, 'end', undefined));
  },

  Size(context) {
    const shape = shapeOf(context, 0);
    return shape === null ? undefined : [sizeOfDims(shape)];
  },

  Gather(context) {
    const data = elementsOf(context, 0);
    const indices = constantInts(context, 1);
    if (data === undefined || indices === undefined || shapeOf(context, 0)?.length !== 1) return undefined;
    return indices.map((index) => data.at(index) ?? null);
  },

  Concat(context) {
    const parts = context.inputs.map((_, index) => elementsOf(context, index));
    return parts.every((part) => part !== undefined)
      ? parts.flat()
      : parts.flatMap((part, index) => part ?? unknown(context, index));
  },

  Slice(context) {
    const data = elementsOf(context, 0);
    const start = constantInts(context, 1) ?? intsAttribute(context, 'starts');
    const end = constantInts(context, 2) ?? intsAttribute(context, 'ends');
    const step = context.inputs[4] === undefined ? [1] : constantInts(context, 4);
    if (data === undefined || start?.length !== 1 || end?.length !== 1 || step?.[0] !== 1) return undefined;
    return data.slice(start[0], end[0]);
  },

  Add: elementwise(addDims),
  Sub: elementwise(subtractDims),
  Mul: elementwise(multiplyDims),
  Div: elementwise(quotient),
  Max: elementwise(onNumbers(Math.max)),
  Min: elementwise(onNumbers(Math.min)),

  ReduceProd(context) {
    const elements = elementsOf(context, 0);
    return elements === undefined ? undefined : [sizeOfDims(elements)];
  },

  ReduceSum(context) {
    const elements = elementsOf(context, 0);
    return elements === undefined ? undefined : [elements.reduce<Dim>(addDims, 0)];
  },

  ConstantOfShape(context) {
    const count = elementsOf(context, 0)?.[0];
    const value = context.attributes.get('value');
    const isOne = value?.kind === 'tensor' && value.value.content.kind === 'inline';
    if (typeof count !== 'number' || !isOne || value.value.dtype !== 'int64' || count > MOST_ELEMENTS) return undefined;
    const [element] = value.value.content.kind === 'inline' ? value.value.content.data().data : [];
    return new Array<Dim>(count).fill(Number(element));
  },

  Expand(context) {
    const [element, ...more] = elementsOf(context, 0) ?? [];
    const count = elementsOf(context, 1)?.[0];
    return element === undefined || more.length > 0 || typeof count !== 'number' || count > MOST_ELEMENTS
      ? undefined
      : new Array<Dim>(count).fill(element);
  },

  Range(context) {
    const [start, limit, delta] = [0, 1, 2].map((index) => constantInts(context, index)?.[0]);
    if (start === undefined || limit === undefined || !delta) return undefined;
    const length = Math.max(0, Math.ceil((limit - start) / delta));
    return length > MOST_ELEMENTS ? undefined : Array.from({ length }, (_, index) => start + index * delta);
  },

  /** Which of two, where the condition is known. */
  Where(context) {
    const condition = context.inputs[0]?.constant;
    const [x, y] = [elementsOf(context, 1), elementsOf(context, 2)];
    if (condition?.dtype !== 'bool' || x === undefined || y === undefined) return undefined;
    const length = Math.max(condition.data.length, x.length, y.length);
    const flag = (index: number) => condition.data[condition.data.length === 1 ? 0 : index];
    return Array.from({ length }, (_, index) => (flag(index) ? at(x, index) : at(y, index)));
  },
};

/** As many elements as the input has, none of them known. */
function unknown(context: RuleContext, index: number): readonly Dim[] {
  const extent = shapeOf(context, index)?.[0];
  return typeof extent === 'number' ? new Array<Dim>(extent).fill(null) : [];
}
