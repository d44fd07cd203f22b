export { type DenseOptions, dense } from './dense.js';
export { flatten } from './flatten.js';
export type { Initialization } from './initialization.js';
export type { Layer, ParameterSpec } from './layer.js';
export { activation, type LayerActivation } from './layer-activation.js';
export type { Forward, Network, Parameter } from './network.js';
export { type ModelOptions, type NetworkOptions, type Sequential, sequential } from './sequential.js';
export { type SparseActivationOptions, sparseActivation } from './sparse-activation.js';
