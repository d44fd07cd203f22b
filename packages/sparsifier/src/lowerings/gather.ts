/**
 * `gather`: a mask finds the neurons that fire, Gather copies their rows of W side by side, one MatMul or Gemm
 * multiplies them. Reads 1 − sparsity of the weights, twice: from memory into the copy, and out of the copy. Pays until
 * the copy no longer fits the cache, where `chunked` takes over.
 *
 * No neuron active gives a matrix of 0 rows, whose product is 0 (or the bias).
 */
import { activeIndices, firingMask } from './active.js';
import type { Fragment } from './fragment.js';
import type { Product } from './product.js';
import { multiplySelected, sourceOf } from './select.js';

/** `[rows, outer]`. */
export function gather(product: Product, opset: number, into: Fragment): string {
  const indices = activeIndices(product, firingMask(product, opset, into), into);
  return multiplySelected(product, sourceOf(product, into), indices, into);
}
