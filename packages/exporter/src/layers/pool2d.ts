/** Two-dimensional pooling: each window of a channel becomes its maximum or its mean. */
import * as op from '../op/index.js';
import { type Extent2d, pair } from './conv2d.js';
import type { Layer } from './layer.js';

export interface Pool2dOptions {
  /** Default: the window itself, so that windows do not overlap. */
  readonly strides?: Extent2d;
  /** Default `valid`: what no whole window covers is left out. */
  readonly padding?: 'same' | 'valid';
  readonly name?: string;
}

/** x `[batch, channels, height, width]` → `[batch, channels, …]`. */
export function maxPool2d(size: Extent2d, options: Pool2dOptions = {}): Layer {
  return {
    kind: 'max_pool2d',
    name: options.name,
    parameters: () => [],
    forward: (x) => op.maxPool(x, attributes(size, options)).y,
  };
}

/** x `[batch, channels, height, width]` → `[batch, channels, …]`; padding does not count. */
export function averagePool2d(size: Extent2d, options: Pool2dOptions = {}): Layer {
  return {
    kind: 'average_pool2d',
    name: options.name,
    parameters: () => [],
    forward: (x) => op.averagePool(x, attributes(size, options)),
  };
}

/** The mean of each channel: `[batch, channels, height, width]` → `[batch, channels]`. */
export function globalAveragePool2d({ name }: { readonly name?: string } = {}): Layer {
  return {
    kind: 'global_average_pool2d',
    name,
    parameters: () => [],
    forward: (x) => op.flatten(op.globalAveragePool(x)),
  };
}

function attributes(size: Extent2d, { strides = size, padding = 'valid' }: Pool2dOptions) {
  const autoPad = padding === 'same' ? ('SAME_UPPER' as const) : ('VALID' as const);
  return { kernelShape: pair(size), strides: pair(strides), autoPad };
}
