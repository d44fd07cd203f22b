export { type Distillation, distillationSettings } from './distillation.js';
export { type DropoutLayer, dropout } from './dropout.js';
export {
  type ParameterVector,
  packVector,
  parameterVector,
  unpackVector,
  type VectorEntry,
  type VectorGroup,
} from './parameter-vector.js';
export type { SparsityOptions, StepOptions } from './step-graph.js';
export { trainingLoop } from './training-loop.js';
export { trainingStep } from './training-step.js';
