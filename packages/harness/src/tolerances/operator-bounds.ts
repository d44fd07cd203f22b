/**
 * The error of a node's output from the errors of its inputs: what the node adds of its own, and what it makes of theirs.
 *
 * Sums follow the probabilistic analysis of Higham and Mary, "A New Approach to Probabilistic Rounding Error Analysis"
 * (2019): rounding errors are of either sign, so that the error of a sum of n terms grows with √n, not n. The bound
 * λ·√n·u holds but for a chance of about 2·exp(−λ²/2); λ = 4 covers two backends and tensors of a million elements.
 *
 * Functions that amplify do so by how large their input is, which nobody knows before the run. Magnitudes of ordinary
 * activations are assumed, and what one node amplifies is limited: where a real model amplifies more, the search for the
 * first divergence measures it (see verify/suspects).
 */
import type { Node } from '@rheobase/exporter';
import type { Arithmetic } from './default-tolerances.js';
import { type ErrorBound, sumOf, total, widest } from './error-bound.js';
import { operatorError } from './operator-errors.js';
import { type Extents, reductionLength } from './reduction-length.js';

/** Confidence of the bound of a sum, in standard deviations. */
const LAMBDA = 4;
/** Magnitude assumed of what goes into exp, tanh and their like. */
const ACTIVATION = 8;
/** How much a node may add to an error by amplifying it, in ULP. */
const MOST_AMPLIFIED = 512;
/** Steps of a recurrence whose errors are still there at its end: older ones are forgotten. */
const MEMORY = 16;

export interface NodeErrors {
  readonly node: Node;
  /** One per input that has an error; integers, booleans and constants have none. */
  readonly inputs: readonly ErrorBound[];
  readonly inputShapes: readonly Extents[];
  readonly outputShape: Extents;
  /** Distance from 1 to the next number in the output's format. */
  readonly epsilon: number;
  readonly arithmetic: Arithmetic;
}

/** What holds for the outputs of an operator nobody has looked at: the figures of ONNX's own runner. */
const UNKNOWN: ErrorBound = { relative: 1e-3, scale: 1e-5, absolute: 1e-7 };

export function outputBound(errors: NodeErrors): ErrorBound {
  const { node, inputs, epsilon, arithmetic } = errors;
  const known = operatorError(node.opType);
  if (known === undefined) return sumOf([widest(inputs), UNKNOWN]);
  const side = arithmetic === 'cpu' ? 0 : 1;
  const own = known.ulp[side] * epsilon;
  const ofOne = (known.ulpOfOne?.[side] ?? 0) * epsilon;
  const worst = widest(inputs);
  const all = sumOf(inputs);
  const amplified = (factor: number): number =>
    Math.min(factor * total(worst), total(worst) + MOST_AMPLIFIED * epsilon);
  switch (known.family) {
    case 'moves':
      return worst;
    case 'multiplies':
      return { relative: all.relative + own, scale: all.scale, absolute: all.absolute };
    case 'adds':
      // Relative errors of the terms are relative to them, not to their sum.
      return { relative: own, scale: worst.scale + worst.relative, absolute: all.absolute };
    case 'bends':
      return { relative: worst.relative + own, scale: worst.scale, absolute: worst.absolute + ofOne };
    case 'saturates':
      return { relative: own, scale: 0, absolute: amplified(ACTIVATION / 2) + ofOne };
    case 'exponential':
      return { relative: amplified(2 * ACTIVATION) + own + rowSum(errors), scale: 0, absolute: 0 };
    case 'sums':
      return { relative: own, scale: total(all) + sumError(errors), absolute: 0 };
    case 'normalises':
      return { relative: worst.relative + own, scale: amplified(2) + sumError(errors), absolute: 0 };
    case 'recurs': {
      const step = sumError(errors) + ofOne + own;
      return { relative: 0, scale: amplified(2), absolute: step * Math.min(MEMORY, stepsOf(errors)) };
    }
  }
}

/** λ·√n·ε; where products have fewer bits than their type (TF32, float16), theirs. */
function sumError({ node, inputShapes, outputShape, epsilon, arithmetic }: NodeErrors): number {
  const unit = arithmetic === 'reduced' ? Math.max(epsilon, 2 ** -10) : epsilon;
  // Formats of 16 bits are mostly added up in 32: what is left is the rounding of the terms.
  const lambda = epsilon > 2 ** -20 ? LAMBDA / 4 : LAMBDA;
  return lambda * Math.sqrt(reductionLength(node, inputShapes, outputShape)) * unit;
}

/** The denominator of a softmax. */
function rowSum(errors: NodeErrors): number {
  return errors.node.opType === 'Softmax' ? sumError(errors) : 0;
}

function stepsOf({ inputShapes }: NodeErrors): number {
  return inputShapes[0]?.[0] ?? MEMORY;
}
