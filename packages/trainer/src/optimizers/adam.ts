/**
 * Adam and AdamW. As in the paper's more efficient order (end of section 2), the corrections of the bias go into the
 * step size: p ← p − α·m/(√v + ε), α = η·√(1 − β₂ᵗ)/(1 − β₁ᵗ).
 *
 * The state is kept without its constant factors, M = m/(1 − β₁) and V = v/(1 − β₂), which saves two passes over the
 * vector: M ← β₁·M + g, V ← β₂·V + g², and the factors go into α and ε.
 *
 * Source: Kingma and Ba, Adam (arXiv 1412.6980); Loshchilov and Hutter, Decoupled Weight Decay (arXiv 1711.05101).
 */
import { constant, op, type Value } from '@rheobase/exporter';
import { add, div, mul, square, sub } from '../graph/arithmetic.js';
import type { Optimizer, RateInputs } from './optimizer.js';
import { decay } from './sgd.js';

export interface AdamOptions {
  /** β₁; default 0.9. */
  readonly beta1?: number;
  /** β₂; default 0.999. */
  readonly beta2?: number;
  /** ε; default 1e-7. */
  readonly epsilon?: number;
}

export interface AdamWOptions extends AdamOptions {
  /** λ of p ← p − η·λ·p; default 0.01. */
  readonly weightDecay?: number;
}

export function adam(options: AdamOptions = {}): Optimizer {
  return adaptive('adam', options, 0);
}

/** Adam whose weight decay is a step of its own, not part of the gradient. */
export function adamW({ weightDecay = 0.01, ...options }: AdamWOptions = {}): Optimizer {
  return adaptive('adamW', options, weightDecay);
}

function adaptive(name: string, options: AdamOptions, weightDecay: number): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
  return {
    name,
    settings: { beta1, beta2, epsilon, ...(weightDecay === 0 ? {} : { weightDecay }) },
    slots: ['mean', 'variance'],
    rates: (inputs) => ({
      rate: mul(correctedRate(inputs, beta1, beta2), (1 - beta1) / Math.sqrt(1 - beta2)),
      ...(weightDecay === 0 ? {} : { decay: mul(inputs.learningRate, weightDecay) }),
    }),
    update({ parameters, gradient, slots, rates, decayed }) {
      const mean = add(mul(slots.mean, beta1), gradient);
      const variance = add(mul(slots.variance, beta2), square(gradient));
      const move = mul(div(mean, add(op.sqrt(variance), epsilon / Math.sqrt(1 - beta2))), rates.rate);
      const kept = weightDecay === 0 ? parameters : sub(parameters, mul(decay(parameters, decayed), rates.decay));
      return { parameters: sub(kept, move), slots: { mean, variance } };
    },
  };
}

function correctedRate({ learningRate, step }: RateInputs, beta1: number, beta2: number): Value {
  const rest = (beta: number) => sub(1, op.pow(constant(beta, step.dtype) as Value, step));
  return div(mul(learningRate, op.sqrt(rest(beta2))), rest(beta1));
}
