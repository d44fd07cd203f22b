export { type AdamOptions, type AdamWOptions, adam, adamW } from './adam.js';
export { clipByNorm } from './clipping.js';
export type { Optimizer, RateInputs, UpdateInputs, UpdateOutputs } from './optimizer.js';
export { cosine, type LearningRate, type Schedule, scheduleOf, stepDecay, warmUp } from './schedule.js';
export { type SgdOptions, sgd } from './sgd.js';
