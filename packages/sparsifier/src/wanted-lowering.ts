/**
 * A lowering as a caller names it, and what the data make of it for one product: a number of neurons or blocks that is
 * left out is taken from how many fire.
 */
import type { FiringPatterns } from './calibration/index.js';
import { likelyCount } from './cost/index.js';
import { blockSizeFor, type ProductInfo, type ProductLowering } from './lowerings/index.js';

export type WantedLowering =
  | Exclude<ProductLowering, { readonly k: number }>
  | { readonly kind: 'topk' | 'topkApproximate'; readonly k?: number }
  | { readonly kind: 'mixture' | 'mixtureApproximate'; readonly blockSize?: number; readonly k?: number };

export function isMixture({ kind }: WantedLowering): boolean {
  return kind === 'mixture' || kind === 'mixtureApproximate';
}

export interface Firing {
  /** Neurons that fire in a run, on average. */
  readonly active: number;
  /** Rows of a run. */
  readonly rows: number;
  /** For a mixture: which neurons fire together. Their order is the one in which they lie. */
  readonly patterns?: FiringPatterns;
  readonly order?: Uint32Array;
}

export function loweringFor(wanted: WantedLowering, { inner }: ProductInfo, firing: Firing): ProductLowering {
  switch (wanted.kind) {
    case 'topk':
    case 'topkApproximate':
      return { kind: wanted.kind, k: wanted.k ?? likelyCount(firing.active, inner) };
    case 'mixture':
    case 'mixtureApproximate': {
      const blockSize = wanted.blockSize ?? blockSizeFor(inner);
      return { kind: wanted.kind, blockSize, k: wanted.k ?? cheapestK(firing, inner, blockSize) };
    }
    default:
      return wanted;
  }
}

/**
 * The k with the fewest blocks multiplied on average, where a run in which more than k are busy takes all of them.
 * (`mixtureApproximate` never takes all; the same k then drops something in as many runs.)
 */
function cheapestK({ patterns, order, rows }: Firing, inner: number, blockSize: number): number {
  const blocks = Math.ceil(inner / blockSize);
  if (patterns === undefined || patterns.rows === 0) return blocks;
  const counts = patterns.busyBlocks(order ?? Array.from({ length: inner }, (_, n) => n), blockSize, rows);
  let best = { k: blocks, cost: Number.POSITIVE_INFINITY };
  for (const k of new Set(counts.map((count) => Math.max(1, count)))) {
    const over = counts.filter((count) => count > k).length / counts.length;
    const cost = k * (1 - over) + blocks * over;
    if (cost < best.cost) best = { k, cost };
  }
  return best.k;
}
