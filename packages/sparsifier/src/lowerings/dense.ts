/**
 * `dense`: every weight is read, whether its neuron fires or not. As a lowering of its own it leaves the node as it
 * stands; here it is the branch of the others for when too many neurons fire.
 */
import type { Fragment } from './fragment.js';
import { asRows, multiply, type Product } from './product.js';
import { decodedWhole } from './stored-weight.js';

/**
 * `[rows, outer]`.
 * @param wholeWeight the weights as floats, where they have been made already.
 */
export function dense(product: Product, into: Fragment, wholeWeight = decodedWhole(product.weight, into)): string {
  return multiply(product, denseActivations(product, into), wholeWeight, into);
}

function denseActivations(product: Product, into: Fragment): string {
  const { gated, activation, inner } = product;
  if (gated === undefined) return asRows(product, activation, inner, into);
  const input = asRows(product, gated.input, gated.width, into);
  const bias = gated.upBias === undefined ? [] : [gated.upBias];
  const up = into.op('Gemm', [input, gated.upWeight, ...bias], { transB: 1 });
  return into.op('Mul', [asRows(product, gated.gate, inner, into), up]);
}

/**
 * The weights as floats for a dense way inside a branch. ONNX Runtime computes a Cast of constants once and for all where it
 * stands outside; a DequantizeLinear stays in the branch, where nothing is computed unless it is taken.
 */
export function wholeWeightFor(product: Product, outside: Fragment): string | undefined {
  return product.weight.decoding.kind === 'dequantize' ? undefined : decodedWhole(product.weight, outside);
}
