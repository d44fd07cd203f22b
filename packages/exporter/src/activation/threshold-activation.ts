/**
 * The threshold activation: y = f(x) where x > θ, and +0 elsewhere.
 *
 * Two neurons are never in doubt, on any provider: x = θ is silent (under `greater`), and so is x = NaN. +Inf fires;
 * −Inf does under the magnitude gate alone. A silent neuron is exactly +0, even where f(x) is NaN, infinite or −0.
 */
import { DEFAULT_OPSET } from '../builder/build-model.js';
import type { Value } from '../builder/value.js';
import { badInput, RheobaseError } from '../errors.js';
import { resolveActivation } from './activations.js';
import { type FloatDType, isFloatDType } from './float-dtype.js';
import type { Gate } from './gate.js';
import { MULTIPLY_OBSTACLE, multiplyLowering } from './lowering/multiply.js';
import { thresholdedReluLowering, thresholdedReluObstacle } from './lowering/thresholded-relu.js';
import { whereLowering } from './lowering/where.js';
import { resolveTheta } from './theta.js';
import { thresholdFunction } from './threshold-function.js';
import type { Comparison, ExplicitLowering, Lowering, ThresholdOptions } from './threshold-options.js';

/**
 * f(x) where x passes the threshold, +0 elsewhere; shape and element type are x's.
 * @throws RheobaseError `inexact` where the lowering asked for is another function and `force` is not set; `bad-input`
 *   where x is no float or the thresholds do not fit its shape.
 */
export function thresholdActivation<D extends FloatDType>(x: Value<D>, options: ThresholdOptions<D>): Value<D> {
  const { activation = 'identity', comparison = 'greater', lowering = 'where', axis, force = false } = options;
  if (!isFloatDType(x.dtype)) throw badInput(`a threshold activation of ${x.label}, which is ${x.dtype}, not a float`);
  if (typeof activation !== 'function') resolveActivation(activation);
  checkChoice('comparison', comparison, COMPARISONS);
  checkChoice('lowering', lowering, LOWERINGS);
  const gate: Gate<D> = { x, theta: resolveTheta(x, options.threshold, axis), activation, comparison };
  const chosen = lowering === 'auto' ? cheapestExact(gate, options) : lowering;
  const obstacle = obstacleTo(chosen, gate);
  if (obstacle !== undefined && !force) {
    throw new RheobaseError('inexact', `the lowering '${chosen}' would not be the same function: ${obstacle}`, {
      remedy: "use the lowering 'where', or force: true to take it all the same",
    });
  }
  return options.asFunction ? thresholdFunction(chosen, gate, lower) : lower(chosen, gate);
}

function lower<D extends FloatDType>(lowering: ExplicitLowering, gate: Gate<D>): Value<D> {
  switch (lowering) {
    case 'where':
      return whereLowering(gate);
    case 'thresholdedRelu':
      return thresholdedReluLowering(gate);
    case 'multiply':
      return multiplyLowering(gate);
  }
}

function obstacleTo(lowering: ExplicitLowering, gate: Gate): string | undefined {
  if (lowering === 'where') return undefined;
  return lowering === 'multiply' ? MULTIPLY_OBSTACLE : thresholdedReluObstacle(gate);
}

/**
 * ThresholdedRelu takes half the time of Greater and Where on a CPU. ONNX Runtime has it for float32 alone. From opset
 * 22 on, WebGPU has no kernel for it and would hand it to the CPU.
 */
function cheapestExact<D extends FloatDType>(gate: Gate<D>, options: ThresholdOptions<D>): ExplicitLowering {
  const { target = 'node/cpu', opset = DEFAULT_OPSET } = options;
  const hasKernel = gate.x.dtype === 'float32' && (!target.endsWith('webgpu') || opset < 22);
  return hasKernel && thresholdedReluObstacle(gate) === undefined ? 'thresholdedRelu' : 'where';
}

const COMPARISONS: readonly Comparison[] = ['greater', 'greaterOrEqual', 'magnitude'];
const LOWERINGS: readonly Lowering[] = ['where', 'thresholdedRelu', 'multiply', 'auto'];

/** For callers without types: a misspelt option is an error, not a default. */
function checkChoice(option: string, given: string, choices: readonly string[]): void {
  if (!choices.includes(given))
    throw badInput(`the ${option} '${given}'`, { remedy: `choose one of ${choices.join(', ')}` });
}
