/** The lowering of a product for a backend: sparse where the cost model says that it pays, else dense. */
import { DEFAULT_CROSSOVER_SHARE, type ProductLowering } from '../lowerings/index.js';
import { bytesPerNeuron, type CostModel, crossover, denseMs, type ProductSize, sparseMs } from './cost-model.js';

export interface ProductLoad extends ProductSize {
  /** Neurons that fire, on average. */
  readonly active: number;
}

export interface LoweringChoice {
  readonly lowering: ProductLowering;
  readonly predictedDenseMs: number;
  /** With a sparse lowering, whether it is chosen or not. */
  readonly predictedSparseMs: number;
}

/** What must be gained for a product not to be left as it is: below, the prediction is not to be trusted. */
const LEAST_GAIN = 0.95;

export function chooseLowering(model: CostModel, load: ProductLoad): LoweringChoice {
  const predictedDenseMs = denseMs(model, load);
  const predictedSparseMs = sparseMs(model, load, load.active);
  if (predictedSparseMs > LEAST_GAIN * predictedDenseMs) {
    return { lowering: { kind: 'dense' }, predictedDenseMs, predictedSparseMs };
  }
  return { lowering: sparseLowering(model, load), predictedDenseMs, predictedSparseMs };
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
    if (load.active * SPREAD < adaptive.crossover) return gatherFor(model);
    return { ...adaptive, gatherBelow: load.inner + 1 };
  }
  return { kind: 'topk', k: likelyCount(load.active, load.inner) };
}

/** What is worth a measurement: all that is exact and not sure to lose on this backend. */
export function candidateLowerings(model: CostModel, load: ProductLoad): readonly ProductLowering[] {
  if (model.backend.endsWith('/webgpu')) return [{ kind: 'topk', k: likelyCount(load.active, load.inner) }];
  const limit = Math.max(crossover(model, load), Math.floor(DEFAULT_CROSSOVER_SHARE * load.inner));
  if (load.active >= limit) return [];
  const adaptive = { kind: 'adaptive', crossover: limit } as const;
  const isSmall = load.active * bytesPerNeuron(load) < 4 * SMALL_BYTES;
  return [
    // Never asks, so that all firing would cost dearly: only where that is not to be expected.
    ...(load.active * SPREAD < limit ? [gatherFor(model)] : []),
    adaptive,
    ...(isSmall ? [{ ...adaptive, gatherBelow: load.inner + 1 }] : []),
  ];
}

/** With one thread the mask does what indices do, in a kernel less. */
function gatherFor({ threads }: CostModel): ProductLowering {
  return threads === 1 ? { kind: 'gather', by: 'mask' } : { kind: 'gather' };
}

/** As many neurons as hardly ever fire more: a count that fires independently varies by its square root. */
export function likelyCount(active: number, inner: number): number {
  return Math.min(inner, Math.max(1, Math.ceil(active + 4 * Math.sqrt(active))));
}
