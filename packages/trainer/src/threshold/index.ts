export { type KWinnersOptions, kWinners, kWinnersLayer } from './k-winners.js';
export {
  alignTheta,
  type DeclaredThreshold,
  declareThreshold,
  type LearnedThresholdOptions,
  learnedThreshold,
} from './learned-threshold.js';
export {
  activeNeurons,
  DEFAULT_TARGET,
  type Firing,
  l0Penalty,
  l1Penalty,
  pullToTarget,
  targetPenalty,
} from './penalties.js';
export { DEFAULT_BANDWIDTH } from './pseudo-derivative.js';
