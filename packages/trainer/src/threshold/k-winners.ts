/**
 * The k-winners gate: of each example's neurons the k largest fire, whatever their size; the share of silent ones is
 * fixed instead of θ. Through the gate the gradient flows as through any mask.
 *
 * Source: Makhzani and Frey, k-Sparse Autoencoders (arXiv 1312.5663).
 */
import { type Activation, applyActivation, badInput, type Layer, op, type Value } from '@rheobase/exporter';
import { masked } from '../graph/arithmetic.js';
import { slice } from '../graph/operators.js';

export interface KWinnersOptions {
  /** How many neurons fire in each example. */
  readonly k: number;
  /** f; default `relu`, with which a winner below zero is silent too. */
  readonly activation?: Activation;
}

/** f(x) for the k largest x along the last axis (more where several equal the k-th), +0 elsewhere. */
export function kWinners<V extends Value>(x: V, { k, activation = 'relu' }: KWinnersOptions): Value<V['dtype']> {
  const width = x.shape?.at(-1);
  if (!Number.isSafeInteger(k) || k < 1 || (typeof width === 'number' && k > width)) {
    throw badInput(`${k} winners of ${width ?? 'an unknown number of'} neurons`);
  }
  const { values } = op.topK(x as Value, [k]);
  const last = slice(values, { starts: [k - 1], ends: [k], axes: [-1] }, x.shape === null ? null : x.shape.with(-1, 1));
  return masked(op.greaterOrEqual(x as Value, last), applyActivation(x as Value, activation));
}

/** `kWinners` as a layer, for `sequential`. */
export function kWinnersLayer({ name, ...options }: KWinnersOptions & { readonly name?: string }): Layer {
  return {
    kind: 'k_winners',
    name,
    parameters: () => [],
    forward: (x) => kWinners(x, options) as typeof x,
  };
}
