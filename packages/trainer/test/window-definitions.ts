/**
 * Convolutions and averages over windows written out in float64 operators: one strided slice for each place of the
 * kernel. Extents must be known.
 */
import { constant, op, type Value } from '@rheobase/exporter';
import type { Call } from '../src/graph/values.js';

export interface Geometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly behind: readonly number[];
}

const ints = (call: Call, name: string): readonly number[] | undefined => {
  const attribute = call.attributes.get(name);
  return attribute?.kind === 'ints' ? attribute.value.map(Number) : undefined;
};

export const int = (call: Call, name: string, byDefault: number): number => {
  const attribute = call.attributes.get(name);
  return attribute?.kind === 'int' ? Number(attribute.value) : byDefault;
};

const numeric = (value: Value): readonly number[] => (value.shape ?? []).map(Number);
const vector = (list: readonly number[]) => constant(list.map(BigInt), 'int64');

export function geometryOf(call: Call, kernel: readonly number[]): Geometry {
  const ones = kernel.map(() => 1);
  const pads = ints(call, 'pads') ?? [...ones, ...ones].map(() => 0);
  return {
    kernel,
    strides: ints(call, 'strides') ?? ones,
    dilations: ints(call, 'dilations') ?? ones,
    before: pads.slice(0, kernel.length),
    behind: pads.slice(kernel.length),
  };
}

/** What each place of the kernel sees, `[N, C, …out]`, row by row. */
function seen(x: Value, { kernel, strides, dilations, before, behind }: Geometry, out: readonly number[]): Value[] {
  const padded = op.pad(x, vector([0, 0, ...before, 0, 0, ...behind]));
  return placesOf(kernel).map((place) => {
    const starts = place.map((at, axis) => at * dilations[axis]);
    const ends = starts.map((start, axis) => start + (out[axis] - 1) * strides[axis] + 1);
    return op.slice(padded, vector(starts), vector(ends), {
      axes: vector(kernel.map((_, axis) => axis + 2)),
      steps: vector(strides),
    });
  });
}

function placesOf(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (places, extent) => places.flatMap((place) => Array.from({ length: extent }, (_, at) => [...place, at])),
    [[]],
  );
}

function reach({ kernel, dilations }: Geometry, axis: number): number {
  return (kernel[axis] - 1) * dilations[axis] + 1;
}

/** `[N, C, …]` convolved with `[M, C/G, …]`. */
export function conv(x: Value, w: Value, geometry: Geometry, group: number): Value {
  const [examples, channels, ...extents] = numeric(x);
  const [maps, each] = numeric(w);
  const { before, behind, strides, kernel } = geometry;
  const out = extents.map((extent, axis) =>
    Math.floor((extent + before[axis] + behind[axis] - reach(geometry, axis)) / strides[axis] + 1),
  );
  const size = out.reduce((product, extent) => product * extent, 1);
  const places = kernel.reduce((product, extent) => product * extent, 1);
  const columns = op.concat(
    seen(x, geometry, out).map((part) => op.reshape(part, [examples, channels, 1, size])),
    { axis: 2 },
  ) as Value;
  const rows = op.reshape(w, [group, maps / group, each * places]);
  const product = op.matMul(rows, op.reshape(columns, [examples, group, each * places, size]));
  return op.reshape(product, [examples, maps, ...out]);
}

/** The input with zeros between its elements, convolved with the kernel the other way round. */
export function convTranspose(x: Value, w: Value, geometry: Geometry, group: number, outputPadding: readonly number[]) {
  const { kernel, strides, dilations, before, behind } = geometry;
  const [channels, each] = numeric(w);
  const axes = kernel.map((_, axis) => axis + 2);
  const stuffed = axes.reduce((value, axis) => withZerosBetween(value, axis, strides[axis - 2]), x);
  const flipped = op.slice(w, vector(kernel.map(() => -1)), vector(kernel.map(() => -1000)), {
    axes: vector(axes),
    steps: vector(kernel.map(() => -1)),
  });
  const apart = op.reshape(flipped, [group, channels / group, each, ...kernel]);
  const turned = op.transpose(apart, { perm: [0, 2, 1, ...axes.map((axis) => axis + 1)] });
  const weights = op.reshape(turned, [group * each, channels / group, ...kernel]);
  const other = {
    ...{ kernel, dilations, strides: kernel.map(() => 1) },
    before: before.map((extent, axis) => reach(geometry, axis) - 1 - extent),
    behind: behind.map((extent, axis) => reach(geometry, axis) - 1 - extent + outputPadding[axis]),
  };
  return conv(stuffed, weights, other, group);
}

function withZerosBetween(x: Value, axis: number, stride: number): Value {
  const shape = numeric(x);
  if (stride === 1) return x;
  const apart = op.reshape(x, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]);
  const pads = new Array<number>(2 * shape.length + 2).fill(0);
  pads[shape.length + 1 + axis + 1] = stride - 1;
  const joined = op.reshape(op.pad(apart, vector(pads)), shape.with(axis, shape[axis] * stride));
  return op.slice(joined, vector([0]), vector([(shape[axis] - 1) * stride + 1]), { axes: vector([axis]) });
}

/** The mean of each window, over what counts in it. */
export function averagePool(x: Value, out: readonly number[], geometry: Geometry, countsPads: boolean): Value {
  const { strides, before, behind, kernel } = geometry;
  const [, , ...extents] = numeric(x);
  const further = behind.map((own, axis) =>
    Math.max(own, (out[axis] - 1) * strides[axis] + reach(geometry, axis) - extents[axis] - before[axis]),
  );
  const beyond = further.map((extent, axis) => extent - behind[axis]);
  const none = kernel.map(() => 0);
  const whole = extents.map((extent, axis) => extent + before[axis] + behind[axis]);
  const ones = (shape: readonly number[]) => op.expand(constant(1, x.dtype), vector([1, 1, ...shape]));
  const counted = countsPads
    ? seen(ones(whole), { ...geometry, before: none, behind: beyond }, out)
    : seen(ones(extents), { ...geometry, behind: further }, out);
  const sum = (parts: readonly Value[]) => parts.reduce((total, part) => op.add(total, part));
  return op.div(sum(seen(x, { ...geometry, behind: further }, out)), sum(counted));
}

/** Those of a call's outputs, as its inference found them. */
export function outputExtents({ outputs: [first] }: Call): readonly number[] {
  return first.kind === 'tensor' ? (first.shape ?? []).slice(2).map(Number) : [];
}

/** A convolution node by its definition. */
export function convNode(call: Call, [x, w, bias]: readonly Value[]): Value {
  const geometry = geometryOf(call, numeric(w).slice(2));
  const group = int(call, 'group', 1);
  const none = geometry.kernel.map(() => 0);
  const y =
    call.schema.opType === 'Conv'
      ? conv(x, w, geometry, group)
      : convTranspose(x, w, geometry, group, ints(call, 'output_padding') ?? none);
  return bias === undefined ? y : op.add(y, op.reshape(bias, [1, -1, ...geometry.kernel.map(() => 1)]));
}

export function averageNode(call: Call, [x]: readonly Value[]): Value {
  const geometry = geometryOf(call, ints(call, 'kernel_shape') ?? []);
  return averagePool(x, outputExtents(call), geometry, int(call, 'count_include_pad', 0) !== 0);
}
