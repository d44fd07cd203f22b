/**
 * Operators that pick elements: each element of the output is one of the input. Applied to the input's positions
 * instead of its elements, such an operator tells where every element came from; the gradient is added up there.
 * Where a cheaper form is at hand (a slice with step 1 is padded back, rows are scattered as rows) it is used.
 */
import { constant, op, Value } from '@rheobase/exporter';
import { sumTo } from '../../graph/broadcast.js';
import {
  expand,
  flat,
  integers,
  pad,
  rangeTo,
  reshape,
  scatterAdd,
  shapeOf,
  sizeOf,
  slice,
} from '../../graph/operators.js';
import { extentsOf, integersOf } from '../../graph/values.js';
import { type Differentiated, type GradientRule, type InputGradients, multiple, rule } from '../rule.js';
import { reshapedTo } from './layout.js';

/** The gradient of the first input, for any operator that only moves elements. */
function movedBack(node: Differentiated, g: Value): InputGradients {
  const x = node.input(0);
  const positions = reshape(rangeTo(sizeOf(x)), shapeOf(x), x.shape);
  const inputs = [positions, ...node.call.inputs.slice(1)];
  const outputs = node.call.outputs.map((type) =>
    type.kind === 'tensor' ? { ...type, dtype: 'int64' as const } : type,
  );
  const moved = new Value(outputs[0], { kind: 'output', call: { ...node.call, inputs, outputs }, index: 0 });
  return [addedAt(x, flat(moved), flat(g))];
}

/** Zeros shaped like `x` with `values` added at flat `positions`. */
function addedAt(x: Value, positions: Value, values: Value): Value {
  const size = extentsOf(x)?.reduce((product, extent) => product * extent, 1);
  const shape = size === undefined ? reshape(sizeOf(x), [1], [1]) : [size];
  const zeros = expand(constant(0, x.dtype), shape, [size ?? null]);
  return reshapedTo(scatterAdd(zeros, positions, values, 0), x);
}

const moved = rule(movedBack);

/** A slice with step 1 and known bounds: zeros around the gradient. */
const sliced = rule((node, g) => {
  const x = node.input(0);
  const extents = extentsOf(x);
  const bounds = extents && sliceBounds(node, extents);
  if (extents === undefined || bounds === undefined) return movedBack(node, g);
  const before = bounds.map(([start]) => start);
  const behind = bounds.map(([, end], axis) => extents[axis] - end);
  return [pad(g, [...before, ...behind], x.shape)];
});

/** Start and end along every axis, undefined where they are not known or a step is not 1. */
function sliceBounds(node: Differentiated, extents: readonly number[]): (readonly [number, number])[] | undefined {
  const starts = integersOf(node.optional(1));
  const ends = integersOf(node.optional(2));
  const axes = node.optional(3) === undefined ? starts?.map((_, axis) => axis) : integersOf(node.optional(3));
  const steps = node.optional(4) === undefined ? starts?.map(() => 1) : integersOf(node.optional(4));
  if (starts === undefined || ends === undefined || axes === undefined || steps?.some((step) => step !== 1) !== false) {
    return undefined;
  }
  const bounds = extents.map((extent): readonly [number, number] => [0, extent]);
  for (const [index, given] of axes.entries()) {
    const axis = given < 0 ? given + extents.length : given;
    const extent = extents[axis];
    const clamp = (at: number) => Math.min(Math.max(at < 0 ? at + extent : at, 0), extent);
    const start = clamp(starts[index]);
    bounds[axis] = [start, Math.max(start, clamp(ends[index]))];
  }
  return bounds;
}

/** Rows of a matrix (an embedding) are scattered as rows. */
const gathered = rule((node, g) => {
  const [x, indices] = node.inputs;
  const axis = node.int('axis', 0);
  const rank = x.shape?.length;
  const isFirst = axis === 0 || (rank !== undefined && axis === -rank);
  if (!isFirst || rank === undefined || rank > 2 || indices.shape === null) return movedBack(node, g);
  const width = rank === 1 ? 1 : x.shape?.[1];
  if (rank === 2 && typeof width !== 'number') return movedBack(node, g);
  const list = reshape(indices, [-1]);
  if (rank === 1) return [addedAt(x, list, flat(g))];
  const zeros = expand(constant(0, x.dtype), shapeOf(x), x.shape);
  const rows = reshape(g, [-1, width as number], [null, width as number]);
  const targets = expand(reshape(list, [-1, 1]), shapeOf(rows), rows.shape);
  return [scatterAdd(zeros, targets, rows, 0)];
});

/** Constant padding falls away; every other mode repeats elements. */
const padded = rule((node, g) => {
  const x = node.input(0);
  if (node.wants(2)) node.fail('the value it pads with has no gradient');
  if (node.text('mode', 'constant') !== 'constant' || node.optional(3) !== undefined) return movedBack(node, g);
  const pads = integersOf(node.optional(1)) ?? node.ints('pads');
  const rank = x.shape?.length;
  if (pads === undefined || rank === undefined) return node.fail('its pads are not known before running');
  if (pads.some((extent) => extent < 0))
    return [
      pad(
        g,
        pads.map((extent) => -extent),
        x.shape,
      ),
    ];
  const starts = pads.slice(0, rank);
  const ends = op.add(shapeOf(x), integers(starts)) as Value<'int64'>;
  return [slice(g, { starts, ends }, x.shape)];
});

const expanded = rule((node, g) => [sumTo(g, node.input(0), node.output)]);

/** The elements that were chosen: the indices output says where. */
const topK = multiple((node, gradients) => {
  const [values] = gradients;
  if (values === undefined) return [];
  const { call } = node;
  const indices = node.outputs[1] ?? new Value(call.outputs[1], { kind: 'output', call, index: 1 });
  const x = node.input(0);
  const zeros = expand(constant(0, x.dtype), shapeOf(x), x.shape);
  return [scatterAdd(zeros, indices, values, node.int('axis', -1))];
});

export const INDEXING: Readonly<Record<string, GradientRule>> = {
  Compress: moved,
  Expand: expanded,
  Gather: gathered,
  GatherElements: moved,
  GatherND: moved,
  Pad: padded,
  ReverseSequence: moved,
  Slice: sliced,
  Tile: moved,
  TopK: topK,
};
