export type { Allocation, LayerCurve } from './allocation.js';
export { allocationFor, greedyPath, uniformAllocation } from './allocation.js';
export type { ChosenThresholds, Goal, SweepPoint } from './choose-thresholds.js';
export { Evaluation, type EvaluationOptions, type Score } from './evaluation.js';
