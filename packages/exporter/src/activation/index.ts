export {
  ACTIVATIONS,
  type Activation,
  type ActivationName,
  type ActivationParameters,
  type ActivationRow,
  applyActivation,
  type GraphFunction,
  type NamedActivation,
  referenceActivation,
  resolveActivation,
} from './activations.js';
export type { FloatDType } from './float-dtype.js';
export type { Threshold } from './theta.js';
export { thresholdActivation } from './threshold-activation.js';
export type { Comparison, Lowering, ThresholdOptions } from './threshold-options.js';
export { type ReferenceOptions, thresholdReference } from './threshold-reference.js';
