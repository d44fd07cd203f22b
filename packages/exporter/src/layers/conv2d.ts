/** A two-dimensional convolution: activation(x ∗ kernel + bias), channels before height and width as ONNX has them. */
import { badInput } from '../errors.js';
import { formatShape } from '../inference/rule.js';
import * as op from '../op/index.js';
import { type Initialization, initialTensor } from './initialization.js';
import type { Layer, ParameterSpec } from './layer.js';
import { applyLayerActivation, type LayerActivation } from './layer-activation.js';

/** One number for height and width, or one each. */
export type Extent2d = number | readonly [height: number, width: number];

export interface Conv2dOptions {
  /** Default `identity`. */
  readonly activation?: LayerActivation;
  /** `same`: as many positions as the input has, divided by the strides; `valid`: no padding. Default `valid`. */
  readonly padding?: 'same' | 'valid';
  /** Default 1. */
  readonly strides?: Extent2d;
  /** Default 1. */
  readonly dilations?: Extent2d;
  /** Default 1. */
  readonly groups?: number;
  /** Default true. */
  readonly useBias?: boolean;
  /** Default `glorotUniform`. */
  readonly kernelInitialization?: Initialization;
  readonly name?: string;
}

/**
 * x `[batch, channels, height, width]` → `[batch, filters, …]`. Parameters: `kernel`
 * `[filters, channels / groups, height, width]`, `bias` `[filters]`.
 */
export function conv2d(filters: number, kernelSize: Extent2d, options: Conv2dOptions = {}): Layer {
  const {
    activation = 'identity',
    padding = 'valid',
    strides = 1,
    dilations = 1,
    groups = 1,
    useBias = true,
  } = options;
  const { kernelInitialization = 'glorotUniform', name } = options;
  const isWhole = Number.isSafeInteger(filters) && filters >= 1;
  if (!isWhole || filters % groups !== 0) throw badInput(`a convolution of ${filters} filters in ${groups} groups`);
  const spec = (parameter: string, shape: readonly number[], initialization: Initialization): ParameterSpec => ({
    name: parameter,
    shape,
    trainable: true,
    initial: (dtype, random) => initialTensor(initialization, dtype, shape, random),
  });
  return {
    kind: 'conv2d',
    name,
    parameters(inputShape) {
      const channels = inputShape[1];
      if (inputShape.length !== 4 || typeof channels !== 'number' || channels % groups !== 0) {
        const wanted = groups === 1 ? 'a fixed number of channels' : `channels for ${groups} groups`;
        throw badInput(
          `a convolution needs ${wanted} before height and width, its input is ${formatShape(inputShape)}`,
        );
      }
      const kernel = spec('kernel', [filters, channels / groups, ...pair(kernelSize)], kernelInitialization);
      return useBias ? [kernel, spec('bias', [filters], 'zeros')] : [kernel];
    },
    forward(x, { kernel, bias }) {
      const result = op.conv(x, kernel, useBias ? bias : undefined, {
        autoPad: padding === 'same' ? 'SAME_UPPER' : 'VALID',
        kernelShape: pair(kernelSize),
        strides: pair(strides),
        dilations: pair(dilations),
        group: groups,
      });
      return applyLayerActivation(result, activation);
    },
  };
}

export function pair(extent: Extent2d): readonly [number, number] {
  return typeof extent === 'number' ? [extent, extent] : extent;
}
