/** Pooling: the maximum hands its gradient to the element it came from, an average shares it out. */
import { constant, type Dim, op, type Value } from '@rheobase/exporter';
import { div, masked, square } from '../../graph/arithmetic.js';
import {
  concat,
  expand,
  flat,
  integers,
  productAs,
  reshape,
  scatterAdd,
  shapeOf,
  sizeOf,
  slice,
} from '../../graph/operators.js';
import { extentsOf, scalarLike, withShape } from '../../graph/values.js';
import { byDefinition, type Differentiated, elementwise, type GradientRule, multiple, rule } from '../rule.js';
import { transposedConvolution } from './convolution.js';
import { reshapedTo } from './layout.js';
import { convolutionAttributes, reach, spatialDims, type Window, windowOf } from './window.js';

const maximum = multiple((node, gradients) => {
  const g = gradients[0] ?? node.fail('its first output has no gradient');
  const x = node.input(0);
  if (node.int('storage_order', 0) !== 0) node.fail('storage_order 1 has no gradient rule');
  const indices = node.outputs[1] ?? op.maxPool(x, poolingOptions(node)).indices;
  const size = extentsOf(x)?.reduce((product, extent) => product * extent, 1);
  const zeros = expand(constant(0, x.dtype), size === undefined ? reshape(sizeOf(x), [1], [1]) : [size], [
    size ?? null,
  ]);
  return [reshapedTo(scatterAdd(zeros, flat(indices), flat(g), 0), x)];
});

function poolingOptions(node: Differentiated): Parameters<typeof op.maxPool>[1] {
  const { call } = node;
  const [dilations, pads, strides] = [node.ints('dilations'), node.ints('pads'), node.ints('strides')];
  return {
    kernelShape: node.ints('kernel_shape') ?? node.fail('its kernel is not known'),
    ...(call.attributes.has('auto_pad') && { autoPad: node.text('auto_pad', 'NOTSET') as 'NOTSET' }),
    ...(call.attributes.has('ceil_mode') && { ceilMode: node.int('ceil_mode', 0) !== 0 }),
    ...(dilations && { dilations }),
    ...(pads && { pads }),
    ...(strides && { strides }),
  };
}

/** A transposed convolution, channel by channel, with a kernel of ones over what was shared out. */
const average = rule((node, g) => {
  const x = node.input(0);
  const dims = spatialDims(node, x);
  const kernel = node.ints('kernel_shape') ?? node.fail('its kernel is not known');
  const window = withLastWindow(node, windowOf(node, kernel, dims), dims);
  const ones = onesOf(x, kernel);
  const shares = withRankOf(x, div(g, sharing(node, x, window, ones)));
  const alone = (value: Value) =>
    withShape(reshape(value, singleChannel(value)), [null, 1, ...(value.shape?.slice(2) ?? [])]);
  const spread = transposedConvolution(alone(shares), ones, window, 1, alone(x));
  return [reshapedTo(spread, x)];
});

function withRankOf(x: Value, value: Value): Value {
  return value.shape === null ? withShape(value, x.shape?.map(() => null) ?? null) : value;
}

/** `[N, C, …]` as `[N·C, 1, …]`. */
function singleChannel(x: Value): Value<'int64'> | readonly number[] {
  const dims = x.shape?.slice(2) ?? [];
  if (dims.every((dim) => typeof dim === 'number')) return [-1, 1, ...(dims as readonly number[])];
  return concat([integers([-1, 1]), slice(shapeOf(x), { starts: [2], ends: [2 + dims.length] }, [dims.length])], 0);
}

function onesOf(like: Value, kernel: readonly number[]): Value {
  const shape = [1, 1, ...kernel];
  const data = new Float32Array(kernel.reduce((product, extent) => product * extent, 1)).fill(1);
  const ones = constant({ dtype: 'float32', shape, data });
  return like.dtype === 'float32' ? ones : withShape(op.cast(ones, like.dtype), shape);
}

/**
 * With ceil_mode the last window may begin inside and end beyond the padding: as if there were more of it, which never
 * counts in an average.
 */
function withLastWindow(node: Differentiated, window: Window, dims: readonly Dim[]): Window {
  if (node.int('ceil_mode', 0) === 0) return window;
  const padsBehind = window.padsBehind.map((behind, axis) => {
    const [dim, count] = [dims[axis], node.output.shape?.[axis + 2]];
    if (typeof dim !== 'number' || typeof count !== 'number') {
      return node.fail('ceil_mode takes known extents', 'export the model with a fixed size of image');
    }
    const end = (count - 1) * window.strides[axis] + reach(window.kernel[axis], window.dilations[axis]);
    return Math.max(behind, end - dim - window.padsBefore[axis]);
  });
  return { ...window, padsBehind };
}

/** How many elements each output averages: fewer at the edges where padding does not count. */
function sharing(node: Differentiated, x: Value, window: Window, ones: Value): number | Value {
  const all = window.kernel.reduce((product, extent) => product * extent, 1);
  const isPadded = [...window.padsBefore, ...window.padsBehind].some((extent) => extent > 0);
  const countsPads = node.int('count_include_pad', 0) !== 0;
  if (!isPadded || (countsPads && node.int('ceil_mode', 0) === 0)) return all;
  const dims = x.shape?.slice(2) ?? [];
  if (countsPads) return countWithPads(node, x, window, ones);
  const spatial = dims.every((dim) => typeof dim === 'number')
    ? [1, 1, ...(dims as readonly number[])]
    : concat([integers([1, 1]), slice(shapeOf(x), { starts: [2], ends: [2 + dims.length] }, [dims.length])], 0);
  const plane = expand(constant(1, x.dtype), spatial, [1, 1, ...dims]);
  const count = op.conv(plane, ones, undefined, convolutionAttributes(window, 1));
  return withShape(count, [1, 1, ...(node.output.shape?.slice(2) ?? dims.map(() => null))]);
}

/** The padding that the node itself has counts, what ceil_mode adds behind it does not. */
function countWithPads(node: Differentiated, x: Value, window: Window, ones: Value): Value {
  const dims = x.shape?.slice(2) ?? [];
  const own = windowOf(node, window.kernel, dims);
  const whole = dims.map((dim, axis) => Number(dim) + own.padsBefore[axis] + own.padsBehind[axis]);
  const plane = expand(constant(1, x.dtype), [1, 1, ...whole], [1, 1, ...whole]);
  const padsBehind = window.padsBehind.map((behind, axis) => behind - own.padsBehind[axis]);
  const beyond = { ...window, padsBefore: window.padsBefore.map(() => 0), padsBehind };
  return op.conv(plane, ones, undefined, convolutionAttributes(beyond, 1));
}

/** The p-norm of each window: y = (Σ|x|ᵖ)^(1/p), a convolution of |x|ᵖ with ones. */
const norm = byDefinition((node) => {
  const x = node.input(0);
  const kernel = node.ints('kernel_shape') ?? node.fail('its kernel is not known');
  const p = node.int('p', 2);
  const window = withLastWindow(node, windowOf(node, kernel, spatialDims(node, x)), spatialDims(node, x));
  const powers = toPower(x, p);
  const alone = withShape(reshape(powers, singleChannel(x)), [null, 1, ...(x.shape?.slice(2) ?? [])]);
  const sums = op.conv(alone, onesOf(x, kernel), undefined, convolutionAttributes(window, 1));
  return root(reshape(sums, shapeOf(node.output), node.output.shape), p);
});

const globalNorm = byDefinition((node) => {
  const x = node.input(0);
  const axes = spatialDims(node, x).map((_, axis) => axis + 2);
  const p = node.int('p', 2);
  return root(op.reduceSum(toPower(x, p), { axes, keepdims: true }), p);
});

function toPower(x: Value, p: number): Value {
  if (p === 1) return op.abs(x);
  return p === 2 ? square(x) : op.pow(op.abs(x), scalarLike(x, p));
}

function root(x: Value, p: number): Value {
  if (p === 1) return x;
  return p === 2 ? op.sqrt(x) : op.pow(x, scalarLike(x, 1 / p));
}

const globalAverage = elementwise((node, g) => {
  const x = node.input(0);
  const dims = spatialDims(node, x);
  if (dims.every((dim) => typeof dim === 'number'))
    return [
      div(
        g,
        dims.reduce((product, dim) => product * dim, 1),
      ),
    ];
  const extents = slice(shapeOf(x), { starts: [2], ends: [2 + dims.length] }, [dims.length]);
  return [div(g, productAs(extents, x.dtype))];
});

/** Equal maxima share the gradient. */
const globalMaximum = rule((node, g) => {
  const x = node.input(0);
  const axes = spatialDims(node, x).map((_, axis) => axis + 2);
  const isIt = op.equal(x, node.output);
  const hits = op.reduceSum(op.cast(isIt, x.dtype), { axes, keepdims: true });
  return [masked(isIt, div(g, hits))];
});

export const POOLING: Readonly<Record<string, GradientRule>> = {
  AveragePool: average,
  GlobalAveragePool: globalAverage,
  GlobalLpPool: globalNorm,
  GlobalMaxPool: globalMaximum,
  LpPool: norm,
  MaxPool: maximum,
};
