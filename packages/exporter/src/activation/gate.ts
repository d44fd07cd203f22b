/** The gate of a threshold activation: which neurons fire. */
import type { Value } from '../builder/value.js';
import * as op from '../op/index.js';
import type { Activation } from './activations.js';
import type { FloatDType } from './float-dtype.js';
import type { Theta } from './theta.js';
import type { Comparison } from './threshold-options.js';

/** A threshold activation with its options resolved: what a lowering turns into nodes. */
export interface Gate<D extends FloatDType = FloatDType> {
  readonly x: Value<D>;
  readonly theta: Theta<D>;
  readonly activation: Activation;
  readonly comparison: Comparison;
}

/** True where a neuron fires. NaN compares false in every form, so it is silent. */
export function mask<D extends FloatDType>({ x, theta, comparison }: Gate<D>): Value<'bool'> {
  return compare(x, theta.value, comparison).named('fires');
}

function compare<D extends FloatDType>(x: Value<D>, theta: Value<D>, comparison: Comparison): Value<'bool'> {
  switch (comparison) {
    case 'greater':
      return op.greater(x, theta);
    case 'greaterOrEqual':
      return op.greaterOrEqual(x, theta);
    case 'magnitude':
      return op.greater(op.abs(x), theta);
  }
}

/** The name of an activation, undefined for a function. */
export function activationName(activation: Activation): string | undefined {
  if (typeof activation === 'function') return undefined;
  return typeof activation === 'string' ? activation : activation.type;
}
