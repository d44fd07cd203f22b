/** What was decided for one product, and what follows from it. */
import type { ProductInfo, ProductLowering } from './lowerings/index.js';
import { type ProductWork, workOf } from './product-work.js';

export interface ProductDecision {
  readonly product: ProductInfo;
  /** Neurons that fire in a run, on average. */
  readonly active: number;
  readonly lowering: ProductLowering;
  /** By the cost model; null without one. */
  readonly predicted: { readonly denseMs: number; readonly ms: number } | null;
  /** Milliseconds of a run that it saves against dense, measured in the whole model; null where it was not tried. */
  readonly savedMs: number | null;
  readonly work: ProductWork;
}

/** What is known of a product whatever is decided. */
export interface ProductLoadInRuns {
  readonly product: ProductInfo;
  readonly active: number;
  /** Rows of a run. */
  readonly rows: number;
  /** What it would cost, by the cost model. */
  readonly costs: { readonly denseMs: number; readonly sparseMs: number } | null;
}

export interface Decision extends ProductDecision, Pick<ProductLoadInRuns, 'rows' | 'costs'> {}

export function decide({ product, active, rows, costs }: ProductLoadInRuns, lowering: ProductLowering): Decision {
  const { denseMs = 0, sparseMs = 0 } = costs ?? {};
  return {
    ...{ product, active, rows, costs, lowering, savedMs: null },
    predicted: costs && { denseMs, ms: lowering.kind === 'dense' ? denseMs : sparseMs },
    work: workOf(product, lowering, active, rows),
  };
}
