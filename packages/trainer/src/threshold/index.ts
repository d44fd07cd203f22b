export { type KWinnersOptions, kWinners, kWinnersLayer } from './k-winners.js';
export {
  alignTheta,
  type DeclaredThreshold,
  declareThreshold,
  type LearnedThresholdOptions,
  learnedThreshold,
} from './learned-threshold.js';
export { activeNeurons, type Firing, l0Penalty, l1Penalty, targetPenalty } from './penalties.js';
export { DEFAULT_BANDWIDTH } from './pseudo-derivative.js';
