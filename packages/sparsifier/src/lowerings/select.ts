/** The activations and weights of some channels, picked out of the whole: what each sparse lowering multiplies. */
import type { Fragment } from './fragment.js';
import { asRows, multiply, type Product } from './product.js';
import { decodedRows } from './stored-weight.js';

/** The activations as the lowerings read them, made once outside of every loop. */
export interface Source {
  /** `[rows, inner]`: the activations, or for a gated unit the gate. */
  readonly rows: string;
  /** For a gated unit: the up projection's input, `[rows, width]`. */
  readonly upInput: string | undefined;
}

export function sourceOf(product: Product, into: Fragment): Source {
  const { gated, activation, inner } = product;
  return {
    rows: asRows(product, gated?.gate ?? activation, inner, into),
    upInput: gated && asRows(product, gated.input, gated.width, into),
  };
}

/** Activations of the channels `indices` `[k]`: `[rows, k]`. For a gated unit only these channels of `up` are computed. */
export function selectActivations({ gated }: Product, source: Source, indices: string, into: Fragment): string {
  const chosen = into.op('Gather', [source.rows, indices], { axis: 1 });
  if (gated === undefined || source.upInput === undefined) return chosen;
  const weight = into.op('Gather', [gated.upWeight, indices], { axis: 0 });
  const bias = gated.upBias === undefined ? [] : [into.op('Gather', [gated.upBias, indices], { axis: 0 })];
  const up = into.op('Gemm', [source.upInput, weight, ...bias], { transB: 1 });
  return into.op('Mul', [chosen, up]);
}

/** Weights of the channels `indices` `[k]`: `[k, outer]`. */
export function selectWeights({ weight }: Product, indices: string, into: Fragment): string {
  return decodedRows(weight, indices, into);
}

/** The product over the channels `indices` alone: `[rows, outer]`. */
export function multiplySelected(product: Product, source: Source, indices: string, into: Fragment): string {
  const activations = selectActivations(product, source, indices, into);
  return multiply(product, activations, selectWeights(product, indices, into), into);
}
