export { GATE_OPERATORS } from './gates.js';
export { readThresholds } from './read-thresholds.js';
export type { Comparator, Theta, ThresholdComparison, ThresholdGate, Thresholds } from './threshold.js';
