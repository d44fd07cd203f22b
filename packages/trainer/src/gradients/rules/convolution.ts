/**
 * Convolutions. The gradient of the input is the transposed convolution of the output's gradient; that of the weights
 * is a convolution too, of the input with the output's gradient as its kernel: batch and channels change places, and
 * so do stride and dilation.
 * Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016).
 */
import { type Dim, op, type Value } from '@rheobase/exporter';
import { concat, integers, pad, reshape, shapeOf, slice } from '../../graph/operators.js';
import { withShape } from '../../graph/values.js';
import { type Differentiated, type GradientRule, rule } from '../rule.js';
import { convolutionAttributes, spatialDims, unreached, type Window, windowOf } from './window.js';

const convolution = rule((node, gradient) => {
  const [x, w] = node.inputs;
  const kernel = kernelOf(node, w);
  const g = withRank(gradient, kernel.length + 2);
  const window = windowOf(node, kernel, spatialDims(node, x));
  const group = node.int('group', 1);
  return [
    node.wants(0) ? transposedConvolution(g, w, window, group, x) : undefined,
    node.wants(1) ? weightGradient(x, g, window, group, w) : undefined,
    node.wants(2) ? sumPerChannel(g) : undefined,
  ];
});

const transposed = rule((node, gradient) => {
  const [x, w] = node.inputs;
  const g = withRank(gradient, w.shape?.length ?? 0);
  const window = windowOf(node, kernelOf(node, w), []);
  const group = node.int('group', 1);
  if (node.text('auto_pad', 'NOTSET') !== 'NOTSET' || node.ints('output_shape') !== undefined) {
    node.fail('auto_pad and output_shape have no gradient rule', 'give pads and output_padding instead');
  }
  const attributes = convolutionAttributes(window, group);
  return [
    node.wants(0) ? withShape(op.conv(g, w, undefined, attributes), x.shape) : undefined,
    node.wants(1) ? weightGradient(g, x, window, group, w) : undefined,
    node.wants(2) ? sumPerChannel(g) : undefined,
  ];
});

function kernelOf(node: Differentiated, w: Value): readonly number[] {
  const kernel = w.shape?.slice(2);
  const isKnown = kernel?.every((dim) => typeof dim === 'number');
  return isKnown ? (kernel as readonly number[]) : node.fail('its kernel has no known extents');
}

function sumPerChannel(g: Value): Value {
  const axes = Array.from({ length: g.shape?.length ?? 0 }, (_, axis) => axis).filter((axis) => axis !== 1);
  return op.reduceSum(g, { axes, keepdims: false });
}

/**
 * `g` convolved the other way, shaped like `x`. What no window reached at the end gets zeros: by output padding where
 * it is known, else by padding (or cutting) to the shape that `x` turns out to have.
 */
export function transposedConvolution(g: Value, w: Value, window: Window, group: number, x: Value): Value {
  const dims = x.shape?.slice(2) ?? [];
  const outputPadding = unreached(window, dims);
  if (outputPadding !== undefined) {
    const attributes = { ...convolutionAttributes(window, group), outputPadding };
    return withShape(op.convTranspose(g, w, undefined, attributes), x.shape);
  }
  const uncut = { ...window, padsBehind: window.padsBehind.map(() => 0) };
  const result = op.convTranspose(g, w, undefined, convolutionAttributes(uncut, group));
  const missing = op.sub(shapeOf(withRank(result, dims.length + 2)), shapeOf(x));
  const before = integers(new Array<number>(dims.length + 2).fill(0));
  return pad(result, concat([before, op.neg(missing)], 0), x.shape);
}

/**
 * The gradient `[M, C/G, …kernel]` of the weights. With groups, each group's channels see only its own part of `g`:
 * group and batch together become the channels of one grouped convolution.
 */
function weightGradient(x: Value, g: Value, window: Window, group: number, w: Value): Value {
  const { kernel, strides, dilations } = window;
  const swappedX = group === 1 ? swapped(x) : groupsAsChannels(x, group, w);
  const attributes = { ...convolutionAttributes({ ...window, strides: dilations, dilations: strides }, group) };
  const rank = kernel.length + 2;
  const full = withRank(op.conv(swappedX, swapped(g), undefined, attributes), rank);
  const isExact = unreached(window, x.shape?.slice(2) ?? [])?.every((rest) => rest === 0);
  const axes = kernel.map((_, axis) => axis + 2);
  const cut = isExact ? full : slice(full, { starts: kernel.map(() => 0), ends: kernel, axes });
  return withShape(swapped(withRank(cut, rank)), w.shape);
}

function swapped(x: Value): Value {
  const rest = (x.shape ?? []).slice(2).map((_, axis) => axis + 2);
  return op.transpose(x, { perm: [1, 0, ...rest] });
}

/** `[N, G·C, …]` → `[C, G·N, …]`. */
function groupsAsChannels(x: Value, group: number, w: Value): Value {
  const [batch, , ...dims] = x.shape ?? [];
  const each = w.shape?.[1] ?? null;
  const apart = reshape(x, shapeVector(x, [batch, group, each, ...dims], [0, -1, -1]), [batch, group, each, ...dims]);
  const axes = dims.map((_, axis) => axis + 3);
  const turned = op.transpose(apart, { perm: [2, 1, 0, ...axes] });
  const count = typeof batch === 'number' ? batch * group : null;
  return reshape(turned, shapeVector(x, [each, -1, ...dims], [-1, -1]), [each, count, ...dims]);
}

/**
 * A shape whose unknown extents are taken from `x`: a leading one from the axis that `leading` names, a spatial one
 * from its own.
 */
function shapeVector(x: Value, dims: readonly Dim[], leading: readonly number[]): Value<'int64'> | readonly number[] {
  if (dims.every((dim) => typeof dim === 'number')) return dims as readonly number[];
  const shift = dims.length - (x.shape?.length ?? 0);
  const all = shapeOf(x);
  const parts = dims.map((dim, axis) => {
    if (typeof dim === 'number') return integers([dim]);
    const from = axis < leading.length ? leading[axis] : axis - shift;
    return slice(all, { starts: [from], ends: [from + 1] }, [1]);
  });
  return concat(parts, 0, [dims.length]);
}

function withRank(x: Value, rank: number): Value {
  return x.shape === null ? withShape(x, new Array<Dim>(rank).fill(null)) : x;
}

export const CONVOLUTION: Readonly<Record<string, GradientRule>> = { Conv: convolution, ConvTranspose: transposed };
