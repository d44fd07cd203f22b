/**
 * What pulls activations towards silence. Each penalty is a scalar to add to a loss: sums over the neurons of a layer,
 * means over the batch, so that its size does not depend on the batch.
 *
 * Source: Rajamanoharan et al. (arXiv 2407.14435), section 3 and appendix E for the L0 forms.
 */
import { type Comparison, op, type Value } from '@rheobase/exporter';
import { customGradient } from '../gradients/index.js';
import { add, div, masked, mul, neg, square, sub } from '../graph/arithmetic.js';
import { spreadTo, sumTo } from '../graph/broadcast.js';
import { scalarLike } from '../graph/values.js';
import { DEFAULT_BANDWIDTH, windowOver } from './pseudo-derivative.js';

/** λ of `targetPenalty` and of `pullToTarget` where none is given: found on `mnist-mlp-wide`. */
export const DEFAULT_TARGET = { weight: 0.1, pull: 0.003 } as const;

export interface Firing {
  /** Output of a threshold activation, `[batch, …]`. */
  readonly y: Value;
  /** What it was applied to. */
  readonly x: Value;
  /** θ, broadcasting against x. */
  readonly theta: Value;
  readonly comparison?: Comparison;
  readonly bandwidth?: number;
}

/**
 * How many neurons are active on average over the batch: the L0 of y, a scalar. Its gradient is that of
 * Σ [x > θ] with respect to θ, −(1/ε)·K((x − θ)/ε); x has none, so that nothing but θ is moved by counting.
 */
export function activeNeurons({ y, x, theta, comparison = 'greater', bandwidth = DEFAULT_BANDWIDTH }: Firing): Value {
  const fired = customGradient(op.cast(op.cast(y, 'bool'), y.dtype), [theta], (gradient) => {
    const { width, around } = windowOver(x, bandwidth);
    const step = (at: Value) => masked(around(at), spreadTo(neg(div(gradient, width)), y));
    const slope = comparison === 'magnitude' ? add(step(theta), step(neg(theta))) : step(theta);
    return [sumTo(slope, theta, y)];
  });
  return perExample(fired);
}

/** λ·L0: every active neuron costs λ. */
export function l0Penalty(active: Value, weight: number): Value {
  return mul(active, weight);
}

/** λ·(L0/L0* − 1)²: drives the number of active neurons to `target`. */
export function targetPenalty(active: Value, target: number, weight: number): Value {
  return mul(square(sub(mul(active, 1 / target), scalarLike(active, 1))), weight);
}

/** λ·Σ |y|: pulls active neurons towards zero, through x. */
export function l1Penalty(y: Value, weight: number): Value {
  return mul(perExample(op.abs(y)), weight);
}

/**
 * λ·g·Σ|y|, an L1 penalty that ends where the target is reached: g goes from 0 to 1 as L0/L0* goes from 0.9 to 1.
 * Moving θ alone hardly silences a network whose weights can grow past it; this takes the reason to grow away, and no
 * longer than needed. g is a number to the gradient.
 */
export function pullToTarget(y: Value, target: number, weight: number): Value {
  const active = perExample(op.cast(op.cast(y, 'bool'), y.dtype));
  const excess = sub(mul(active, 10 / target), scalarLike(y, 9));
  const gate = customGradient(op.clip(excess, scalarLike(y, 0), scalarLike(y, 1)), [], () => []);
  return mul(mul(perExample(op.abs(y)), gate), weight);
}

/** The sum over everything but the batch, averaged over the batch. */
function perExample(x: Value): Value {
  const axes = Array.from({ length: (x.shape?.length ?? 2) - 1 }, (_, axis) => axis + 1);
  const sums = axes.length === 0 ? x : op.reduceSum(x, { axes, keepdims: false });
  return op.reduceMean(sums, { keepdims: false });
}
