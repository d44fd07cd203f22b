/** The geometry of a sliding window: convolutions and pooling share it, with its four ways to say the padding. */
import type { Dim, Value } from '@rheobase/exporter';
import type { Differentiated } from '../rule.js';

/** One number a spatial axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBefore: readonly number[];
  readonly padsBehind: readonly number[];
}

/** Extents of the axes behind batch and channels. */
export function spatialDims(node: Differentiated, x: Value): readonly Dim[] {
  return x.shape?.slice(2) ?? node.fail('its input has no known rank');
}

/** The window of a Conv, ConvTranspose or pooling node over an input with the given spatial extents. */
export function windowOf(node: Differentiated, kernel: readonly number[], dims: readonly Dim[]): Window {
  const ones = kernel.map(() => 1);
  const strides = node.ints('strides') ?? ones;
  const dilations = node.ints('dilations') ?? ones;
  const rank = kernel.length;
  const mode = node.text('auto_pad', 'NOTSET');
  if (mode === 'SAME_UPPER' || mode === 'SAME_LOWER') {
    const totals = kernel.map((extent, axis) =>
      samePadding(node, dims[axis], reach(extent, dilations[axis]), strides[axis]),
    );
    const small = totals.map((total) => Math.floor(total / 2));
    const large = totals.map((total) => Math.ceil(total / 2));
    const [padsBefore, padsBehind] = mode === 'SAME_UPPER' ? [small, large] : [large, small];
    return { kernel, strides, dilations, padsBefore, padsBehind };
  }
  const pads = (mode === 'VALID' ? undefined : node.ints('pads')) ?? new Array<number>(2 * rank).fill(0);
  return { kernel, strides, dilations, padsBefore: pads.slice(0, rank), padsBehind: pads.slice(rank) };
}

/** Elements that a dilated kernel spans. */
export function reach(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

function samePadding(node: Differentiated, dim: Dim, span: number, stride: number): number {
  if (stride === 1) return span - 1;
  if (typeof dim !== 'number') return node.fail('SAME padding with a stride takes known extents', 'give pads instead');
  return Math.max((Math.ceil(dim / stride) - 1) * stride + span - dim, 0);
}

/** Elements at the end of each axis that no window reaches; undefined where an extent is not known. */
export function unreached(window: Window, dims: readonly Dim[]): readonly number[] | undefined {
  const { kernel, strides, dilations, padsBefore, padsBehind } = window;
  const rest = dims.map((dim, axis) => {
    if (strides[axis] === 1) return 0;
    if (typeof dim !== 'number') return Number.NaN;
    return (dim + padsBefore[axis] + padsBehind[axis] - reach(kernel[axis], dilations[axis])) % strides[axis];
  });
  return rest.some(Number.isNaN) ? undefined : rest;
}

/** The attributes of a convolution with this window. */
export function convolutionAttributes({ strides, dilations, padsBefore, padsBehind }: Window, group: number) {
  return { strides, dilations, pads: [...padsBefore, ...padsBehind], group };
}
