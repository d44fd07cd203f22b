export {
  candidateLowerings,
  chooseLowering,
  type LoweringChoice,
  likelyCount,
  type ProductLoad,
} from './choose-lowering.js';
export { bytesPerNeuron, type CostModel, crossover, denseMs, type ProductSize, sparseMs } from './cost-model.js';
export { type CrossoverReport, crossoverReport, parseCrossover } from './crossover-report.js';
export { timesInTurns } from './in-turns.js';
export { type Crossover, type CrossoverPoint, type MeasureOptions, measureCrossover } from './measure-crossover.js';
