export { ActivationStatistics, type GateKind } from './activation-statistics.js';
export { type Calibration, type CalibrationOptions, calibrate } from './calibrate.js';
export { calibrationFromTensors, calibrationToTensors } from './calibration-tensors.js';
export { drawNumbers, pickSamples, type Samples, samplesFrom } from './samples.js';
