/**
 * ThresholdedRelu, the one ONNX operator that is a threshold activation: x where x > alpha, 0 elsewhere. Its alpha is
 * a float32 attribute: one fixed number.
 *
 * Forced where it is not exact, it still gates by one θ, and f is applied behind the gate, so that a silent neuron is
 * f(0). The magnitude gate works on |x| and puts the sign back by a product.
 */
import type { Value } from '../../builder/value.js';
import { RheobaseError } from '../../errors.js';
import * as op from '../../op/index.js';
import { applyActivation } from '../activations.js';
import type { FloatDType } from '../float-dtype.js';
import { activationName, type Gate } from '../gate.js';

/** Why it would not be the same function, undefined where it is. */
export function thresholdedReluObstacle({ activation, comparison, theta, x }: Gate): string | undefined {
  const name = activationName(activation);
  if (comparison !== 'greater') return `it fires at x > θ, not by '${comparison}'`;
  if (name !== 'relu' && name !== 'identity')
    return `it is exact for relu and identity, not for ${name ?? 'a function'}`;
  if (theta.fixed === undefined) return 'its θ is fixed, not a value of the graph';
  if (!theta.isScalar) return 'it has one θ, not one per channel';
  const [value] = theta.fixed;
  if (!(value >= 0)) return `it is exact for θ >= 0, not for ${value}`;
  if (Math.fround(value) !== value) return `its θ is a float32, which ${value} (${x.dtype}) is not`;
  return undefined;
}

/** @throws RheobaseError `unsupported` for a θ that no attribute can hold, forced or not. */
export function thresholdedReluLowering<D extends FloatDType>({ x, theta, activation, comparison }: Gate<D>): Value<D> {
  if (theta.fixed === undefined || !theta.isScalar) {
    throw new RheobaseError('unsupported', 'ThresholdedRelu takes one fixed θ', { remedy: "use the lowering 'where'" });
  }
  const alpha = theta.fixed[0];
  const gated =
    comparison === 'magnitude'
      ? op.mul(op.thresholdedRelu(op.abs(x), { alpha }), op.sign(x))
      : op.thresholdedRelu(x, { alpha });
  const name = activationName(activation);
  return name === 'relu' && alpha >= 0 && comparison !== 'magnitude' ? gated : applyActivation(gated, activation);
}
