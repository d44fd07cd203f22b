/**
 * `gather`: a mask finds the neurons that fire, their rows of W are copied side by side, one MatMul or Gemm multiplies
 * them. Reads 1 − sparsity of the weights, twice: from memory into the copy, and out of the copy. Pays until
 * the copy no longer fits the cache, where `chunked` takes over.
 *
 * Rows are copied by their indices, which takes all threads that there are, or by the mask itself, which takes one thread and a
 * kernel less: a few microseconds, which count in a product that takes a hundred.
 *
 * No neuron active gives a matrix of 0 rows, whose product is 0 (or the bias).
 */
import { activeIndices, firingMask } from './active.js';
import type { Fragment } from './fragment.js';
import type { Product } from './product.js';
import { byIndices, byMask, multiplySelected, sourceOf } from './select.js';

/** `[rows, outer]`. */
export function gather(product: Product, opset: number, by: 'indices' | 'mask', into: Fragment): string {
  const mask = firingMask(product, opset, into);
  const pick = by === 'mask' ? byMask(mask) : byIndices(activeIndices(product, mask, into));
  return multiplySelected(product, sourceOf(product, into), pick, into);
}
