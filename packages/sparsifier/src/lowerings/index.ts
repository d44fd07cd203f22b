export type { ChunkSizes } from './chunked.js';
export { findProducts, type LoweringChoices, lowerProducts, type ProductInfo } from './lower-products.js';
export {
  DEFAULT_CROSSOVER_SHARE,
  isApproximate,
  LOWERING_KINDS,
  type LoweringKind,
  type ProductLowering,
} from './lowering.js';
export { type Blocks, blockSizeFor } from './mixture.js';
export { type MatMulLowering, type SparseMatMulOptions, sparseMatMul } from './sparse-mat-mul.js';
