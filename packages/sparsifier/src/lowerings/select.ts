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

/** Picks some channels of a value that has them along an axis: k of them. */
export type Pick = (value: string, axis: 0 | 1, into: Fragment) => string;

/** The channels `indices` `[k]`; ONNX Runtime copies them with as many threads as it has. */
export function byIndices(indices: string): Pick {
  return (value, axis, into) => into.op('Gather', [value, indices], { axis });
}

/** The channels where a mask `[inner]` is true: a kernel less than by indices, and one thread. */
export function byMask(mask: string): Pick {
  return (value, axis, into) => into.op('Compress', [value, mask], { axis });
}

/** Activations of the picked channels: `[rows, k]`. For a gated unit only these channels of `up` are computed. */
export function selectActivations({ gated }: Product, source: Source, pick: Pick, into: Fragment): string {
  const chosen = pick(source.rows, 1, into);
  if (gated === undefined || source.upInput === undefined) return chosen;
  const weight = pick(gated.upWeight, 0, into);
  const bias = gated.upBias === undefined ? [] : [pick(gated.upBias, 0, into)];
  const up = into.op('Gemm', [source.upInput, weight, ...bias], { transB: 1 });
  return into.op('Mul', [chosen, up]);
}

/** Weights of the picked channels: `[k, outer]`. */
export function selectWeights({ weight }: Product, pick: Pick, into: Fragment): string {
  return decodedRows(weight, pick, into);
}

/** The product over the picked channels alone: `[rows, outer]`. */
export function multiplySelected(product: Product, source: Source, pick: Pick, into: Fragment): string {
  const activations = selectActivations(product, source, pick, into);
  return multiply(product, activations, selectWeights(product, pick, into), into);
}
