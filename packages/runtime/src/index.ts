export type { DType, Tensor } from '@rheobase/exporter/tensor';
export * from './contract.js';
