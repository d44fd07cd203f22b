export { type Masks, magnitudeMasks, type WeightSparsity, type Weights, weightSparsity } from './masks.js';
export { type PruneOptions, prune } from './prune.js';
