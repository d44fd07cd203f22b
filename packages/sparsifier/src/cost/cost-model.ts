/**
 * What a product costs on a backend, as a straight line each: dense by the bytes of all weights, sparse by the bytes of
 * the weights that fire and the neurons that have to be looked at. Where the lines cross, sparse execution begins to pay.
 */

export interface CostModel {
  /** Backend and intra-op threads that it was measured on. */
  readonly backend: string;
  readonly threads: number;
  readonly dense: DenseCost;
  readonly sparse: SparseCost;
}

/** ms = base + perByte · bytes of all weights. */
export interface DenseCost {
  readonly baseMs: number;
  readonly msPerByte: number;
}

/** ms = base + perByte · bytes of the weights of firing neurons + perNeuron · neurons. */
export interface SparseCost extends DenseCost {
  readonly msPerNeuron: number;
}

export interface ProductSize {
  readonly inner: number;
  readonly outer: number;
  /** Width of the up projection of a gated unit, whose weights are left out as well. */
  readonly gatedWidth?: number;
}

const ELEMENT_BYTES = 4;

/** Bytes of weights that one neuron's firing costs. */
export function bytesPerNeuron({ outer, gatedWidth = 0 }: ProductSize): number {
  return (outer + gatedWidth) * ELEMENT_BYTES;
}

export function denseMs({ dense }: CostModel, size: ProductSize): number {
  return dense.baseMs + dense.msPerByte * size.inner * bytesPerNeuron(size);
}

export function sparseMs({ sparse }: CostModel, size: ProductSize, active: number): number {
  return sparse.baseMs + sparse.msPerNeuron * size.inner + sparse.msPerByte * active * bytesPerNeuron(size);
}

/** The number of firing neurons below which sparse is faster than dense: 0 where it never is. */
export function crossover(model: CostModel, size: ProductSize): number {
  const left = denseMs(model, size) - sparseMs(model, size, 0);
  const count = left / (model.sparse.msPerByte * bytesPerNeuron(size));
  return Math.min(size.inner, Math.max(0, Math.floor(count)));
}
