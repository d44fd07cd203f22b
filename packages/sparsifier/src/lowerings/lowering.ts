/** The lowerings by name, with what each needs to know, and the one place that turns a choice into nodes. */
import { badInput } from '@rheobase/exporter';
import { dtypeBits } from '@rheobase/exporter/tensor';
import { adaptive } from './adaptive.js';
import { type ChunkSizes, chunked, defaultChunkSizes } from './chunked.js';
import type { Fragment } from './fragment.js';
import { gather } from './gather.js';
import { type Blocks, blockSizeFor, mixture, mixtureApproximate } from './mixture.js';
import { asResult, type Product } from './product.js';
import { topk, topkApproximate } from './topk.js';

export type ProductLowering =
  /** The node as it stands. */
  | { readonly kind: 'dense' }
  /** By indices (default), with as many threads as there are, or by the mask, a kernel less and one thread. */
  | { readonly kind: 'gather'; readonly by?: 'indices' | 'mask' }
  | ({ readonly kind: 'chunked' } & Partial<ChunkSizes>)
  /** Sparse while at most `k` neurons fire, else dense. */
  | { readonly kind: 'topk'; readonly k: number }
  /** The `k` largest; not exact where more fire. */
  | { readonly kind: 'topkApproximate'; readonly k: number }
  /** Sparse while fewer than `crossover` neurons fire (default: 40 % of them), else dense. */
  | ({ readonly kind: 'adaptive'; readonly crossover?: number } & Partial<ChunkSizes>)
  /** Sparse while neurons fire in at most `k` blocks, else dense. Experimental. */
  | ({ readonly kind: 'mixture' } & Blocks)
  /** The `k` blocks that hold most; not exact where neurons fire in more. Experimental. */
  | ({ readonly kind: 'mixtureApproximate' } & Blocks);

export type LoweringKind = ProductLowering['kind'];

/** Every kind, the exact ones first. */
export const LOWERING_KINDS: readonly LoweringKind[] = [
  'dense',
  'gather',
  'chunked',
  'topk',
  'adaptive',
  'mixture',
  'topkApproximate',
  'mixtureApproximate',
];

/** Lowerings that may drop neurons that fire: chosen only by name. */
export function isApproximate(kind: LoweringKind): boolean {
  return kind === 'topkApproximate' || kind === 'mixtureApproximate';
}

/** Without a measured crossover: the share of active neurons below which sparse execution is tried. */
export const DEFAULT_CROSSOVER_SHARE = 0.4;

/**
 * Adds the nodes of a sparse lowering, and answers the name of the value that replaces the product's output.
 * @throws RheobaseError `bad-input` where a parameter is out of range.
 */
export function emit(
  product: Product,
  lowering: Exclude<ProductLowering, { kind: 'dense' }>,
  opset: number,
  into: Fragment,
): string {
  return asResult(product, emitRows(product, lowering, opset, into), into);
}

function emitRows(
  product: Product,
  lowering: Exclude<ProductLowering, { kind: 'dense' }>,
  opset: number,
  into: Fragment,
): string {
  const { inner } = product;
  switch (lowering.kind) {
    case 'gather':
      return gather(product, opset, lowering.by ?? 'indices', into);
    case 'chunked':
      return chunked(product, opset, chunkSizes(product, lowering), into);
    case 'topk':
      return topk(product, opset, within('k', lowering.k, 1, inner), into);
    case 'topkApproximate':
      return topkApproximate(product, opset, within('k', lowering.k, 1, inner), into);
    case 'mixture':
      return mixture(product, opset, blocksOf(product, lowering), into);
    case 'mixtureApproximate':
      return mixtureApproximate(product, opset, blocksOf(product, lowering), into);
    case 'adaptive': {
      const { crossover = Math.floor(inner * DEFAULT_CROSSOVER_SHARE) } = lowering;
      const sizes = chunkSizes(product, lowering);
      return adaptive(product, opset, within('crossover', crossover, 0, inner + 1), sizes, into);
    }
  }
}

function chunkSizes({ outer, inner, dtype }: Product, given: Partial<ChunkSizes>): ChunkSizes {
  const byDefault = defaultChunkSizes(outer, dtypeBits(dtype) / 8, inner);
  const chunkRows = within('chunkRows', given.chunkRows ?? byDefault.chunkRows, 1, Number.MAX_SAFE_INTEGER);
  const gatherBelow = given.gatherBelow ?? Math.max(byDefault.gatherBelow, chunkRows);
  return { chunkRows, gatherBelow: within('gatherBelow', gatherBelow, chunkRows, Number.MAX_SAFE_INTEGER) };
}

function blocksOf({ inner }: Product, { blockSize, k }: Blocks): Blocks {
  within('blockSize', blockSize, 1, inner);
  if (inner % blockSize !== 0) {
    throw badInput(`${inner} neurons do not divide into blocks of ${blockSize}`, {
      remedy: `choose a divisor, such as ${blockSizeFor(inner, blockSize)}`,
    });
  }
  return { blockSize, k: within('k', k, 1, inner / blockSize) };
}

function within(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw badInput(`${name} is ${value}`, { remedy: `choose an integer from ${low} to ${high}` });
}
