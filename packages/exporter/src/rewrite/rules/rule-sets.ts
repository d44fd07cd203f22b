/** The shipped rules by what they are for. Sets can be joined: `applyRules(model, [...thresholdsToWhere, ...cleanup])`. */
import type { Rule } from '../rule.js';
import { geluErf, geluTanh } from './activations/gelu.js';
import { hardSwish } from './activations/hard-swish.js';
import { mish } from './activations/mish.js';
import { silu } from './activations/silu.js';
import { constantFolding } from './cleanup/constant-folding.js';
import { deadCode } from './cleanup/dead-code.js';
import {
  castToSame,
  doubleNegation,
  dropoutAtInference,
  identity,
  neutralOperand,
  transposeToSame,
  twice,
} from './cleanup/identity.js';
import { clipAsRelu } from './threshold/clip-as-relu.js';
import { flippedComparison } from './threshold/flipped-comparison.js';
import { multiplyByMask } from './threshold/multiply-by-mask.js';
import {
  reluAfterThreshold,
  reluAtThresholdedRelu,
  reluInThreshold,
  reluUnderNegativeThreshold,
} from './threshold/redundant-relu.js';
import { selectByArithmetic } from './threshold/select-by-arithmetic.js';
import { shrinkToWhere, whereToShrink } from './threshold/shrink.js';
import { signMask } from './threshold/sign-mask.js';
import { silentFirst } from './threshold/silent-first.js';
import { swappedBranches } from './threshold/swapped-branches.js';
import { thresholdedReluToWhere, whereToThresholdedRelu } from './threshold/thresholded-relu.js';

/** Every spelling of a threshold to the canonical one: Greater, then Where(mask, f(x), 0). */
export const thresholdsToWhere: readonly Rule[] = [
  signMask,
  selectByArithmetic,
  multiplyByMask,
  swappedBranches,
  flippedComparison,
  silentFirst,
  clipAsRelu,
  reluAtThresholdedRelu,
  thresholdedReluToWhere,
  shrinkToWhere,
  reluInThreshold,
  reluAfterThreshold,
  reluUnderNegativeThreshold,
];

/** The canonical threshold to ONNX's single operators, where they compute the same bits. */
export const thresholdsToSingleOps: readonly Rule[] = [whereToShrink, reluInThreshold, whereToThresholdedRelu];

/** Activations spelled out in primitive operators to their names. */
export const activationsToNames: readonly Rule[] = [geluErf, geluTanh, hardSwish, mish, silu];

/** What rewriting leaves behind: nodes that do nothing, constants computed from constants, and what nobody reads. */
export const cleanup: readonly Rule[] = [
  identity,
  castToSame,
  dropoutAtInference,
  transposeToSame,
  neutralOperand,
  twice,
  doubleNegation,
  constantFolding(),
  deadCode,
];
