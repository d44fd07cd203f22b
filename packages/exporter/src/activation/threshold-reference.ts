/**
 * The threshold activation in plain numbers: what every lowering on every provider is compared with. It follows the
 * definition and shares no code with the lowerings but the table of activations.
 */
import { badInput } from '../errors.js';
import { sizeOf, type Tensor } from '../tensor/index.js';
import { type NamedActivation, referenceActivation } from './activations.js';
import { type FloatDType, floatTensor, numbersOf, roundTo } from './float-dtype.js';
import type { Comparison } from './threshold-options.js';

export interface ReferenceOptions {
  /** One θ, or one per channel. */
  readonly threshold: number | readonly number[] | Float32Array;
  /** f by name, or as a function of numbers; default `identity`. */
  readonly activation?: NamedActivation | ((x: number) => number);
  /** Default `greater`. */
  readonly comparison?: Comparison;
  /** The axis of the channels; default −1. */
  readonly axis?: number;
}

/**
 * y = f(x) where x passes the threshold, +0 elsewhere, elements and thresholds rounded to x's element type. f is
 * computed in doubles and rounded once: exact for identity, relu and leakyRelu, within rounding for the others.
 */
export function thresholdReference<D extends FloatDType>(x: Tensor<D>, options: ReferenceOptions): Tensor<D> {
  const { threshold, activation = 'identity', comparison = 'greater', axis = -1 } = options;
  const f = typeof activation === 'function' ? activation : referenceActivation(activation);
  const thetas = typeof threshold === 'number' ? [threshold] : Array.from(threshold);
  const channelOf = typeof threshold === 'number' ? () => 0 : channelIndex(x.shape, axis, thetas.length);
  const values = numbersOf(x as Tensor<FloatDType>).map((value, index) => {
    const theta = roundTo(x.dtype, thetas[channelOf(index)]);
    return fires(value, theta, comparison) ? f(value) : 0;
  });
  return floatTensor(x.dtype, x.shape, values) as Tensor<D>;
}

function fires(x: number, theta: number, comparison: Comparison): boolean {
  switch (comparison) {
    case 'greater':
      return x > theta;
    case 'greaterOrEqual':
      return x >= theta;
    case 'magnitude':
      return Math.abs(x) > theta;
  }
}

/** From the position of an element to its channel. */
function channelIndex(shape: readonly number[], axis: number, channels: number): (index: number) => number {
  const at = axis < 0 ? axis + shape.length : axis;
  if (shape[at] !== channels) throw badInput(`${channels} thresholds for axis ${axis} of [${shape}]`);
  const stride = sizeOf(shape.slice(at + 1));
  return (index) => Math.floor(index / stride) % channels;
}
