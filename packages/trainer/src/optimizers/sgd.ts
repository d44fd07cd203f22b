/**
 * Stochastic gradient descent with momentum: v ← μ·v + g, p ← p − η·v; Nesterov's form looks ahead: p ← p − η·(g + μ·v).
 * Weight decay adds λ·p to the gradient.
 * Source: Sutskever et al., On the importance of initialization and momentum in deep learning (2013).
 */
import type { Value } from '@rheobase/exporter';
import { add, mul, sub } from '../graph/arithmetic.js';
import { scalarLike } from '../graph/values.js';
import type { Optimizer, UpdateInputs, UpdateOutputs } from './optimizer.js';

export interface SgdOptions {
  /** μ; default 0. */
  readonly momentum?: number;
  readonly nesterov?: boolean;
  /** λ; default 0. */
  readonly weightDecay?: number;
}

export function sgd({ momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {}): Optimizer {
  return {
    name: 'sgd',
    settings: { momentum, nesterov, weightDecay },
    slots: momentum === 0 ? [] : ['momentum'],
    rates: ({ learningRate }) => ({ rate: learningRate }),
    update({ parameters, gradient, slots, rates: { rate }, decayed }): UpdateOutputs {
      const slope = weightDecay === 0 ? gradient : add(gradient, mul(decay(parameters, decayed), weightDecay));
      if (momentum === 0) return { parameters: sub(parameters, mul(slope, rate)), slots: {} };
      const velocity = add(mul(slots.momentum, momentum), slope);
      const direction = nesterov ? add(mul(velocity, momentum), slope) : velocity;
      return { parameters: sub(parameters, mul(direction, rate)), slots: { momentum: velocity } };
    },
  };
}

/** The part of the parameters that decays; zero where none does. */
export function decay(parameters: Value, decayed: UpdateInputs['decayed']): Value {
  if (decayed === 'all') return parameters;
  return decayed === 'none' ? scalarLike(parameters, 0) : mul(parameters, decayed);
}
