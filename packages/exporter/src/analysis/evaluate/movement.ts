/** Operators that only move elements, for every element type of at least a byte (and text). */
import type { Node } from '../../model/model.js';
import { dtypeBits, sizeOf, storageOf, type Tensor, type TypedArray } from '../../tensor/index.js';
import { scalarAttribute } from '../node-attributes.js';
import { broadcastShape, stridesInto, stridesOf, walker } from './strides.js';

type Movement = (node: Node, operands: readonly (Tensor | undefined)[], maxBytes: number) => Tensor | undefined;

export const MOVEMENTS: Readonly<Record<string, Movement>> = {
  Identity: (_, [x]) => x,
  Reshape: (node, [x, target]) => {
    const wanted = integers(target);
    if (x === undefined || wanted === undefined) return undefined;
    const copiesZero = (scalarAttribute(node, 'allowzero') ?? 0) === 0;
    const extents = wanted.map((extent, axis) => (extent === 0 && copiesZero ? x.shape[axis] : extent));
    const rest = extents.reduce((product, extent) => (extent === -1 ? product : product * extent), 1);
    return reshaped(
      x,
      extents.map((extent) => (extent === -1 ? sizeOf(x.shape) / rest : extent)),
    );
  },
  Flatten: (node, [x]) => {
    if (x === undefined) return undefined;
    const axis = fromEnd(Number(scalarAttribute(node, 'axis') ?? 1), x.shape.length);
    return reshaped(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
  },
  Squeeze: (node, [x, given]) => {
    if (x === undefined) return undefined;
    const axes = axesOf(node, given)?.map((axis) => fromEnd(axis, x.shape.length));
    const goes = (extent: number, axis: number) => (axes === undefined ? extent === 1 : axes.includes(axis));
    return reshaped(
      x,
      x.shape.filter((extent, axis) => !goes(extent, axis)),
    );
  },
  Unsqueeze: (node, [x, given]) => {
    const wanted = axesOf(node, given);
    if (x === undefined || wanted === undefined) return undefined;
    const rank = x.shape.length + wanted.length;
    const axes = new Set(wanted.map((axis) => fromEnd(axis, rank)));
    const rest = [...x.shape];
    return reshaped(
      x,
      Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : (rest.shift() ?? 1))),
    );
  },
  Transpose: (node, [x], maxBytes) => {
    if (x === undefined) return undefined;
    const given = scalarAttribute(node, 'perm');
    const perm = Array.isArray(given) ? given.map(Number) : x.shape.map((_, axis) => x.shape.length - 1 - axis);
    const strides = stridesOf(x.shape);
    const shape = perm.map((axis) => x.shape[axis]);
    return taken(
      maxBytes,
      x,
      shape,
      walker(
        shape,
        perm.map((axis) => strides[axis]),
      ),
    );
  },
  Expand: (_, [x, target], maxBytes) => {
    const wanted = integers(target);
    const shape = x && wanted && broadcastShape([x.shape, wanted]);
    return shape && taken(maxBytes, x, shape, stridesInto(x.shape, shape));
  },
  Concat: (node, operands, maxBytes) => {
    const tensors = operands.filter((operand) => operand !== undefined);
    const [first] = tensors;
    if (first === undefined || tensors.length !== operands.length) return undefined;
    const axis = fromEnd(Number(scalarAttribute(node, 'axis')), first.shape.length);
    if (!(axis >= 0 && axis < first.shape.length) || tensors.some(({ dtype }) => dtype !== first.dtype))
      return undefined;
    return concatenated(maxBytes, tensors, axis);
  },
  Gather: (node, [x, indices], maxBytes) => {
    const wanted = integers(indices);
    if (x === undefined || indices === undefined || wanted === undefined) return undefined;
    const axis = fromEnd(Number(scalarAttribute(node, 'axis') ?? 0), x.shape.length);
    const extent = x.shape[axis];
    const rows = wanted.map((index) => fromEnd(index, extent));
    if (!rows.every((row) => row >= 0 && row < extent)) return undefined;
    const inner = sizeOf(x.shape.slice(axis + 1));
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return taken(maxBytes, x, shape, (index) => {
      const [outer, row] = [Math.floor(index / (inner * rows.length)), Math.floor(index / inner) % rows.length];
      return (outer * extent + rows[row]) * inner + (index % inner);
    });
  },
  Slice: (_, [x, starts, ends, axes, steps], maxBytes) => {
    const [from, to] = [integers(starts), integers(ends)];
    if (x === undefined || from === undefined || to === undefined) return undefined;
    const along = axes === undefined ? from.map((_, index) => index) : integers(axes);
    const by = steps === undefined ? from.map(() => 1) : integers(steps);
    return along && by && sliced(maxBytes, x, from, to, along, by);
  },
  ConstantOfShape: (node, [target], maxBytes) => {
    const shape = integers(target);
    if (shape === undefined) return undefined;
    const attribute = node.attributes.find(({ name }) => name === 'value');
    const content = attribute?.kind === 'tensor' ? attribute.value.content : undefined;
    if (content !== undefined && content.kind !== 'inline') return undefined;
    const value: Tensor = content?.data() ?? { dtype: 'float32', shape: [1], data: new Float32Array(1) };
    return taken(maxBytes, value, shape, () => 0);
  },
  Range: (_, [start, limit, delta], maxBytes) => {
    const [[from], [to], [by]] = [integers(start) ?? [], integers(limit) ?? [], integers(delta) ?? []];
    if (start?.dtype !== 'int64' || from === undefined || to === undefined || !by) return undefined;
    const length = Math.max(0, Math.ceil((to - from) / by));
    if (length * 8 > maxBytes) return undefined;
    const data = BigInt64Array.from({ length }, (_, index) => BigInt(from + index * by));
    return { dtype: 'int64', shape: [length], data };
  },
};

function integers(tensor: Tensor | undefined): readonly number[] | undefined {
  if (tensor?.dtype !== 'int64' && tensor?.dtype !== 'int32') return undefined;
  return Array.from(tensor.data as ArrayLike<bigint | number>, Number);
}

/** Axes as an input (opset 13) or as an attribute (before). */
function axesOf(node: Node, input: Tensor | undefined): readonly number[] | undefined {
  const attribute = scalarAttribute(node, 'axes');
  return Array.isArray(attribute) ? attribute.map(Number) : integers(input);
}

function fromEnd(index: number, length: number): number {
  return index < 0 ? index + length : index;
}

function reshaped(x: Tensor, shape: readonly number[]): Tensor | undefined {
  const fits = shape.every((extent) => Number.isInteger(extent) && extent >= 0) && sizeOf(shape) === sizeOf(x.shape);
  return fits ? { ...x, shape } : undefined;
}

/** A tensor of `shape` whose element number i is element `source(i)` of `x`. */
function taken(
  maxBytes: number,
  x: Tensor,
  shape: readonly number[],
  source: (index: number) => number,
): Tensor | undefined {
  const length = sizeOf(shape);
  if (!Number.isSafeInteger(length) || length * (dtypeBits(x.dtype) || 64) > maxBytes * 8) return undefined;
  if (x.dtype === 'string') {
    const text = x.data as readonly string[];
    return { dtype: 'string', shape, data: Array.from({ length }, (_, index) => text[source(index)]) };
  }
  if (dtypeBits(x.dtype) < 8 || x.dtype === 'complex64' || x.dtype === 'complex128') return undefined;
  const data = new (storageOf(x.dtype))(length);
  const from = x.data as TypedArray;
  for (let index = 0; index < length; index++) data[index] = from[source(index)] as never;
  return { dtype: x.dtype, shape, data } as Tensor;
}

function concatenated(maxBytes: number, tensors: readonly Tensor[], axis: number): Tensor | undefined {
  const [first] = tensors;
  const extents = tensors.map(({ shape }) => shape[axis]);
  const total = extents.reduce((sum, extent) => sum + extent, 0);
  const shape = first.shape.with(axis, total);
  if (tensors.some((tensor) => tensor.shape.with(axis, total).join() !== shape.join())) return undefined;
  const inner = sizeOf(shape.slice(axis + 1));
  const flat = tensors.flatMap((tensor) => Array.from(tensor.data as ArrayLike<number>));
  const starts = tensors.map((_, index) => tensors.slice(0, index).reduce((sum, { shape: s }) => sum + sizeOf(s), 0));
  const source = (index: number) => {
    let [row, part] = [Math.floor(index / inner) % total, 0];
    while (row >= extents[part]) row -= extents[part++];
    const outer = Math.floor(index / (inner * total));
    return starts[part] + (outer * extents[part] + row) * inner + (index % inner);
  };
  return taken(maxBytes, { dtype: first.dtype, shape: [flat.length], data: flat as never } as Tensor, shape, source);
}

function sliced(
  maxBytes: number,
  x: Tensor,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[],
  steps: readonly number[],
): Tensor | undefined {
  const strides = [...stridesOf(x.shape)];
  const shape = [...x.shape];
  let origin = 0;
  for (const [index, given] of axes.entries()) {
    const axis = fromEnd(given, x.shape.length);
    const [extent, step] = [x.shape[axis], steps[index]];
    if (extent === undefined || !step) return undefined;
    const [lowest, highest] = step > 0 ? [0, extent] : [-1, extent - 1];
    const clamp = (position: number) => Math.min(Math.max(position, lowest), highest);
    const start = clamp(fromEnd(starts[index], extent));
    // A negative end counts from the end of the axis, but far below zero it means "past the first element".
    const end = clamp(fromEnd(ends[index], extent));
    shape[axis] = Math.max(0, Math.ceil((end - start) / step));
    origin += start * strides[axis];
    strides[axis] *= step;
  }
  return taken(maxBytes, x, shape, walker(shape, strides, origin));
}
