export { ActivationStatistics, type GateKind } from './activation-statistics.js';
export { asFloats, usualChannelAxis } from './activation-values.js';
export {
  type Calibration,
  type CalibrationOptions,
  calibrate,
  calibrateIn,
  type SessionCalibration,
} from './calibrate.js';
export { calibrationFromTensors, calibrationToTensors } from './calibration-tensors.js';
export { FiringPatterns, unite, watchFiring } from './firing-patterns.js';
export { fitSamples, fixedBatch, rowsOfRun } from './fit-samples.js';
export { drawNumbers, pickSamples, type Samples, samplesFrom, samplesFromRuns } from './samples.js';
