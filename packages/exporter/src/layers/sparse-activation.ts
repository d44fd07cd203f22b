/** The threshold activation as a layer, its θ a parameter. */
import { floatTensor } from '../activation/float-dtype.js';
import { thresholdActivation } from '../activation/threshold-activation.js';
import type { ThresholdOptions } from '../activation/threshold-options.js';
import { badInput } from '../errors.js';
import { formatShape } from '../inference/rule.js';
import type { Dim } from '../model/model.js';
import type { Layer, ParameterSpec } from './layer.js';

export interface SparseActivationOptions extends Omit<ThresholdOptions, 'threshold'> {
  /** θ: one number, or one per channel. */
  readonly threshold: number | readonly number[] | Float32Array;
  /**
   * What θ is: `fixed` in the model, `trainable` like a weight, or an `input` of the model that is fed on every run.
   * Default `fixed`.
   */
  readonly theta?: 'fixed' | 'trainable' | 'input';
  /** Of one number: whether it is one θ for the layer, or begins one for each channel along `axis`; default `layer`. */
  readonly per?: 'layer' | 'channel';
  readonly name?: string;
}

/**
 * f(x) where x > θ, +0 elsewhere; f is `relu` by default. Parameter: `theta`, a scalar or `[channels]`.
 * Errors are those of `thresholdActivation`.
 */
export function sparseActivation(options: SparseActivationOptions): Layer {
  const { threshold, theta: role = 'fixed', name, activation = 'relu', axis, per = 'layer', ...others } = options;
  const isScalar = typeof threshold === 'number' && per === 'layer';
  const parameter = (numbers: readonly number[]): ParameterSpec => {
    const shape = isScalar ? [] : [numbers.length];
    return {
      name: 'theta',
      shape,
      trainable: role === 'trainable',
      source: role === 'input' ? 'input' : 'initializer',
      initial: (dtype) => floatTensor(dtype, shape, numbers),
    };
  };
  return {
    kind: 'sparse_activation',
    name,
    gate: { activation, comparison: others.comparison ?? 'greater', axis: axis ?? -1 },
    parameters(inputShape) {
      if (typeof threshold !== 'number') return [parameter(Array.from(threshold))];
      return [parameter(isScalar ? [threshold] : new Array(channelsOf(inputShape, axis ?? -1)).fill(threshold))];
    },
    forward(x, parameters) {
      const along = isScalar ? {} : { axis: axis ?? -1 };
      return thresholdActivation(x, { ...others, ...along, activation, threshold: parameters.theta });
    },
  };
}

function channelsOf(inputShape: readonly Dim[], axis: number): number {
  const channels = inputShape.at(axis);
  if (typeof channels === 'number') return channels;
  throw badInput(`a threshold per channel on axis ${axis} of ${formatShape(inputShape)}`, {
    remedy: 'name an axis of fixed extent',
  });
}
