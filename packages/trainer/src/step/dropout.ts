/**
 * Dropout: in training each activation is kept with probability 1 − rate and scaled up by 1/(1 − rate), in inference
 * all are kept. Which ones are kept is fed as a mask, drawn by whoever trains from a seed, so that a trajectory is the
 * same on every backend and after a restart.
 *
 * Source: Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting (2014).
 */
import { badInput, type Layer, type Value } from '@rheobase/exporter';
import { masked, mul } from '../graph/arithmetic.js';

export interface DropoutLayer extends Layer {
  readonly kind: 'dropout';
  readonly rate: number;
}

/** A layer that passes its input, and in training drops `rate` of it. */
export function dropout({ rate, name }: { readonly rate: number; readonly name?: string }): DropoutLayer {
  if (!(rate >= 0 && rate < 1)) throw badInput(`a dropout rate of ${rate}`, { remedy: 'choose one from 0 to below 1' });
  return { kind: 'dropout', name, rate, parameters: () => [], forward: (x) => x };
}

export function isDropout(layer: Layer): layer is DropoutLayer {
  return layer.kind === 'dropout' && 'rate' in layer;
}

/** x · kept / (1 − rate). */
export function dropped<V extends Value>(x: V, kept: Value<'bool'>, rate: number): Value {
  return mul(masked(kept, x as Value), 1 / (1 - rate));
}
