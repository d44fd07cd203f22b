export type { CheckpointStore } from './checkpoint.js';
export type { EarlyStopping } from './early-stopping.js';
export { type EvaluateOptions, evaluate } from './evaluate.js';
export type { EpochLog, FitEvent, FitResult, Metrics, StepsLog } from './events.js';
export { type FitOptions, fit } from './fit.js';
