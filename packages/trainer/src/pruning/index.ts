export { type Masks, magnitudeMasks, type WeightSparsity, type Weights, weightSparsity } from './masks.js';
export { type PruneOptions, type PruningRound, prune } from './prune.js';
