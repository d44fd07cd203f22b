/**
 * A threshold activation whose θ learns: y = f(x)·[x > θ]. Through x the gradient is the mask times f′, as always.
 * Through θ, which only moves the step, it is the pseudo-derivative
 *
 *     ∂y/∂θ ≈ −(f(θ)/ε)·K((x − θ)/ε)
 *
 * where f(θ) is the height of the step: θ itself for f = identity and relu, as in JumpReLU (arXiv 2407.14435). The
 * magnitude gate has a second step, at −θ, of the height f(−θ).
 */
import {
  type Activation,
  applyActivation,
  type Comparison,
  type FloatDType,
  op,
  type ThresholdOptions,
  thresholdActivation,
  type Value,
} from '@rheobase/exporter';
import { customGradient, pullBack } from '../gradients/index.js';
import { add, div, masked, mul, neg } from '../graph/arithmetic.js';
import { spreadTo, sumTo } from '../graph/broadcast.js';
import { DEFAULT_BANDWIDTH, windowOver } from './pseudo-derivative.js';

export interface LearnedThresholdOptions extends Omit<ThresholdOptions, 'threshold'> {
  /** Width ε of the window, as a share of the root mean square of x in the batch; default 0.1. */
  readonly bandwidth?: number;
}

/**
 * `thresholdActivation(x, { threshold: theta, ...options })` through which θ has a gradient. θ is a scalar, or one per
 * channel along `axis`.
 */
export function learnedThreshold<D extends FloatDType>(
  x: Value<D>,
  theta: Value<D>,
  { bandwidth, ...options }: LearnedThresholdOptions = {},
): Value<D> {
  const { activation = 'identity', comparison = 'greater', axis } = options;
  const aligned = alignTheta(x, theta, axis);
  const { axis: _, ...others } = options;
  const y = thresholdActivation<D>(x, { ...others, threshold: aligned } as ThresholdOptions<D>);
  return declareThreshold(y, {
    x,
    theta: aligned,
    activation,
    comparison,
    ...(bandwidth === undefined ? {} : { bandwidth }),
  });
}

/** One threshold per channel, shaped so that it broadcasts against x along its axis. */
export function alignTheta<D extends FloatDType>(x: Value<D>, theta: Value<D>, axis = -1): Value<D> {
  const rank = x.shape?.length ?? 0;
  const behind = axis < 0 ? -axis - 1 : rank - 1 - axis;
  if (theta.shape?.length !== 1 || behind <= 0) return theta;
  return op.reshape(theta, [-1, ...new Array<number>(behind).fill(1)]);
}

export interface DeclaredThreshold {
  /** What the threshold activation was applied to. */
  readonly x: Value;
  /** θ, broadcasting against x. */
  readonly theta: Value;
  readonly activation: Activation;
  readonly comparison: Comparison;
  readonly bandwidth?: number;
}

/** Gives θ its gradient in `y`, a threshold activation that was built elsewhere (by a layer). */
export function declareThreshold<V extends Value>(y: V, threshold: DeclaredThreshold): V {
  const { x, theta } = threshold;
  return customGradient(y, [x, theta], (gradient) => {
    const full = spreadTo(gradient, y);
    const [ofX] = pullBack(y, full, [x]);
    return [ofX, sumTo(mul(full, thetaSlope(threshold)), theta, y)];
  });
}

/** ∂y/∂θ, shaped like x. */
function thetaSlope({ x, theta, activation, comparison, bandwidth = DEFAULT_BANDWIDTH }: DeclaredThreshold): Value {
  const { width, around } = windowOver(x, bandwidth);
  const step = (at: Value) => masked(around(at), neg(div(applyActivation(at, activation), width)));
  return comparison === 'magnitude' ? add(step(theta), step(neg(theta))) : step(theta);
}
