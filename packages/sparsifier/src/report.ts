/** What `rheobase sparsify --json` writes, exactly. */
import type { LoweringKind } from './lowerings/index.js';

export interface SparsifyReport {
  readonly schema: 'rheobase/sparsify@1';
  readonly layers: readonly SparsifyLayer[];
  /** Share of all neurons that are silent, over the samples. */
  readonly sparsity: number;
  /** Of the model given and of the finished one, over all samples; null without labels. */
  readonly accuracy: { readonly before: number; readonly after: number } | null;
  /**
   * Relative error at the output that sparse execution alone adds: rounding, or with an approximate lowering what it drops.
   * Null where no product is sparse.
   */
  readonly executionError: number | null;
  /** Neurons of all layers that fired for no sample. */
  readonly deadNeurons: number;
  /** Neurons that nobody reads: their weights in the products behind are zero, as pruning leaves them. */
  readonly unreadNeurons: number;
  /** Of both, those taken out. */
  readonly removedNeurons: number;
  /** The products whose input is silent enough to ask whether to execute them sparsely. */
  readonly products: readonly SparsifyProduct[];
  /** The whole model in a run, its products dense and as decided; null where none is sparse. */
  readonly measured: { readonly denseMs: number; readonly ms: number; readonly speed: number } | null;
  /** What other points would come to. */
  readonly sweep: readonly SparsifySweepPoint[];
  /** Where nothing is gained, and why. */
  readonly warnings: readonly string[];
}

export interface SparsifyProduct {
  /** Node of the product. */
  readonly node: string;
  readonly inner: number;
  readonly outer: number;
  /** Neurons that fire in a run, on average. */
  readonly active: number;
  readonly lowering: LoweringKind;
  /** What the lowering was made with: crossover, k, blockSize, chunkRows, gatherBelow, by. */
  readonly parameters: Readonly<Record<string, number | string | undefined>>;
  /** Multiplications and additions in a run. */
  readonly operations: { readonly dense: number; readonly sparse: number };
  /** Bytes of weights read in a run, as they are stored. */
  readonly weightBytes: { readonly dense: number; readonly sparse: number };
  /** By the cost model; null where the lowering was given. */
  readonly predicted: { readonly denseMs: number; readonly ms: number } | null;
  /** Milliseconds of a run that it saves against dense, measured in the whole model; null where it was not measured. */
  readonly savedMs: number | null;
}

export interface SparsifySweepPoint {
  readonly sparsity: number;
  readonly accuracy: number | null;
  /** Relative error at the output; of several, the one furthest off. */
  readonly outputError: number;
  /** Measured, against the model given: above 1 is faster. Null where no product is executed sparsely. */
  readonly speed: number | null;
}

export interface SparsifyLayer {
  /** Node of the activation. */
  readonly node: string;
  /**
   * One number, or one for each channel. Null where the layer got no threshold, because it is as silent as it was asked to be by
   * itself, and had none.
   */
  readonly theta: number | readonly number[] | null;
  /**
   * Share of the layer's neurons that are silent in the finished model, over the samples: those taken out count as silent, and
   * what an approximate lowering drops further on is left out of account.
   */
  readonly sparsity: number;
  /** How the products that read the activation are executed. */
  readonly lowering: LoweringKind;
  /** Relative error at the output (of several, the one furthest off) with this threshold alone. */
  readonly outputError: number;
}
