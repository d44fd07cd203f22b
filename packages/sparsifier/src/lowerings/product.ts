/**
 * The product y = a · W + b that follows an activation, whichever node spells it: MatMul, Gemm (either storage of W) or
 * a 1×1 Conv on one pixel. Here all of them become the same thing: rows of activations `[rows, inner]` times rows of
 * weights `[inner, outer]`, one weight row for each neuron, contiguous in memory, so that the rows of those neurons
 * that fire can be picked up alone.
 */
import type { Node } from '@rheobase/exporter';
import type { DType } from '@rheobase/exporter/tensor';
import type { Fragment } from './fragment.js';
import type { WeightRows } from './stored-weight.js';

export interface Product {
  /** The node that is replaced. */
  readonly node: Node;
  readonly kind: 'MatMul' | 'Gemm' | 'Conv';
  /** The activations: `[…, inner]`, or `[batch, inner, 1, 1]` for a Conv. */
  readonly activation: string;
  readonly dtype: DType;
  /** True where the activations are known to be a matrix, so that no Reshape is needed. */
  readonly isMatrix: boolean;
  /** True where it is known that there is one row: a batch of one, and no sequence. */
  readonly isSingleRow: boolean;
  /** Where the model has it: the mask, of the activations' shape, outside of which they are 0. */
  readonly fires: string | undefined;
  readonly inner: number;
  readonly outer: number;
  readonly weight: WeightRows;
  /** What the Gemm adds: `[outer]` or whatever broadcasts to `[rows, outer]`. */
  readonly bias: string | undefined;
  readonly alpha: number;
  readonly beta: number;
  /** Where the activations are gate · (x·U + c): the gate is what is silent, and U need not be computed either. */
  readonly gated: GatedUnit | undefined;
}

/** A gated unit: h = gate · up, up = x · U + c. Only channels whose gate is not 0 are asked of `up`. */
export interface GatedUnit {
  readonly gate: string;
  /** Input of the up projection: `[…, width]`. */
  readonly input: string;
  readonly width: number;
  /** U transposed: `[inner, width]`, a contiguous row for each neuron. */
  readonly upWeight: string;
  /** c: `[inner]`. */
  readonly upBias: string | undefined;
}

/** The value whose zeros are the silent neurons. */
export function silentValue({ gated, activation }: Product): string {
  return gated?.gate ?? activation;
}

/** A value `[…, width]` (or `[batch, width, 1, 1]`) as the matrix `[rows, width]`. */
export function asRows({ isMatrix }: Product, value: string, width: number, into: Fragment): string {
  return isMatrix ? value : into.op('Reshape', [value, into.integers(-1, width)]);
}

/** A result `[rows, outer]` in the shape that the replaced node gives. */
export function asResult(product: Product, rows: string, into: Fragment): string {
  if (product.isMatrix) return rows;
  if (product.kind === 'Conv') return into.op('Reshape', [rows, into.integers(-1, product.outer, 1, 1)]);
  const shape = into.op('Shape', [product.gated?.gate ?? product.activation]);
  const leading = into.op('Slice', [shape, into.integers(0), into.integers(-1)]);
  const target = into.op('Concat', [leading, into.integers(product.outer)], { axis: 0 });
  return into.op('Reshape', [rows, target]);
}

/**
 * `activations · weight`, with the product's own factors and bias: `[rows, k] × [k, outer]`. The bias gets its factor
 * beforehand: with k = 0, ONNX Runtime 1.30 leaves `beta` out.
 */
export function multiply(product: Product, activations: string, weight: string, into: Fragment): string {
  if (product.kind === 'MatMul') return into.op('MatMul', [activations, weight]);
  const { alpha, beta, bias, dtype } = product;
  if (bias === undefined) return into.op('Gemm', [activations, weight], { alpha });
  const scaled = beta === 1 ? bias : into.op('Mul', [bias, into.number(dtype, beta)]);
  return into.op('Gemm', [activations, weight, scaled], { alpha });
}

/** `activations · weight` (times the product's factor) added to a sum begun by `multiply`. */
export function multiplyAdd(
  { alpha }: Product,
  activations: string,
  weight: string,
  sum: string,
  into: Fragment,
): string {
  return into.op('Gemm', [activations, weight, sum], { alpha, beta: 1 });
}
