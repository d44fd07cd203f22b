/** What a product does in a run: multiplications and additions, and the bytes of weights it reads. */
import type { ProductInfo } from './lowerings/index.js';
import type { ProductLowering } from './lowerings/lowering.js';

export interface ProductWork {
  /** Multiplications and additions. */
  readonly operations: { readonly dense: number; readonly sparse: number };
  /** Bytes of weights, as they are stored. */
  readonly weightBytes: { readonly dense: number; readonly sparse: number };
}

/** @param active neurons that fire in some of the `rows`, on average. */
export function workOf(product: ProductInfo, lowering: ProductLowering, active: number, rows: number): ProductWork {
  const { inner, outer, gated, elementBytes } = product;
  const perNeuron = outer + (gated?.width ?? 0);
  const read = neuronsRead(lowering, inner, active);
  return {
    operations: { dense: 2 * rows * inner * perNeuron, sparse: 2 * rows * read * perNeuron },
    weightBytes: { dense: inner * perNeuron * elementBytes, sparse: read * perNeuron * elementBytes },
  };
}

/** Neurons whose weights are read: k of a fixed number (of blocks), all where a limit is passed on average. */
function neuronsRead(lowering: ProductLowering, inner: number, active: number): number {
  switch (lowering.kind) {
    case 'dense':
      return inner;
    case 'topkApproximate':
      return lowering.k;
    case 'topk':
      return active > lowering.k ? inner : lowering.k;
    case 'mixture':
    case 'mixtureApproximate':
      return lowering.k * lowering.blockSize;
    case 'adaptive':
      return lowering.crossover !== undefined && active >= lowering.crossover ? inner : active;
    default:
      return active;
  }
}
