/** The lowering of a product for a backend: sparse where the cost model says that it pays, else dense. */
import type { ProductLowering } from '../lowerings/index.js';
import { bytesPerNeuron, type CostModel, crossover, denseMs, type ProductSize, sparseMs } from './cost-model.js';

export interface ProductLoad extends ProductSize {
  /** Neurons that fire, on average. */
  readonly active: number;
}

export interface LoweringChoice {
  readonly lowering: ProductLowering;
  readonly predictedDenseMs: number;
  readonly predictedMs: number;
}

/** What must be gained for a product not to be left as it is: below, the prediction is not to be trusted. */
const LEAST_GAIN = 0.95;

export function chooseLowering(model: CostModel, load: ProductLoad): LoweringChoice {
  const predictedDenseMs = denseMs(model, load);
  const predictedSparseMs = sparseMs(model, load, load.active);
  if (predictedSparseMs > LEAST_GAIN * predictedDenseMs) {
    return { lowering: { kind: 'dense' }, predictedDenseMs, predictedMs: predictedDenseMs };
  }
  return { lowering: sparseLowering(model, load), predictedDenseMs, predictedMs: predictedSparseMs };
}

/** Rows of this many bytes, copied and read again, are hardly slower than in chunks: measured on 784 × 2048 at 1.2 MB. */
const SMALL_BYTES = 2 * 1024 * 1024;

/** How far the number of firing neurons is taken to go beyond its mean. */
const SPREAD = 1.5;

function sparseLowering(model: CostModel, load: ProductLoad): ProductLowering {
  if (!model.backend.endsWith('/webgpu')) {
    const adaptive = { kind: 'adaptive', crossover: crossover(model, load) } as const;
    // So few rows that cutting them up gains less than asking whether to does cost.
    const isSmall = load.active * bytesPerNeuron(load) < SMALL_BYTES;
    if (!isSmall) return adaptive;
    // Asking costs an If, as much as all else around a small product, and hardly ever has another answer.
    if (load.active * SPREAD < adaptive.crossover) return { kind: 'gather' };
    return { ...adaptive, gatherBelow: load.inner + 1 };
  }
  return { kind: 'topk', k: likelyCount(load.active, load.inner) };
}

/** As many neurons as hardly ever fire more: a count that fires independently varies by its square root. */
export function likelyCount(active: number, inner: number): number {
  return Math.min(inner, Math.max(1, Math.ceil(active + 4 * Math.sqrt(active))));
}
