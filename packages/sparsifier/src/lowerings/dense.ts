/**
 * `dense`: every weight is read, whether its neuron fires or not. As a lowering of its own it leaves the node as it
 * stands; here it is the branch of the others for when too many neurons fire.
 */
import type { Fragment } from './fragment.js';
import { asRows, multiply, type Product } from './product.js';

/** `[rows, outer]`. */
export function dense(product: Product, into: Fragment): string {
  return multiply(product, denseActivations(product, into), product.weight, into);
}

function denseActivations(product: Product, into: Fragment): string {
  const { gated, activation, inner } = product;
  if (gated === undefined) return asRows(product, activation, inner, into);
  const input = asRows(product, gated.input, gated.width, into);
  const bias = gated.upBias === undefined ? [] : [gated.upBias];
  const up = into.op('Gemm', [input, gated.upWeight, ...bias], { transB: 1 });
  return into.op('Mul', [asRows(product, gated.gate, inner, into), up]);
}
