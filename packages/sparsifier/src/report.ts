/** What `rheobase sparsify --json` writes, exactly. */
import type { LoweringKind } from './lowerings/index.js';

export interface SparsifyReport {
  readonly schema: 'rheobase/sparsify@1';
  readonly layers: readonly SparsifyLayer[];
  /** Share of all neurons that are silent, over the samples. */
  readonly sparsity: number;
  /** Null without labels. */
  readonly accuracy: { readonly before: number; readonly after: number } | null;
  /** Neurons of all layers that fired for no sample. */
  readonly deadNeurons: number;
}

export interface SparsifyLayer {
  /** Node of the activation. */
  readonly node: string;
  /**
   * One number, or one for each channel. Null where the layer got no threshold, because it is as silent as it was asked to be by
   * itself, and had none.
   */
  readonly theta: number | readonly number[] | null;
  /** Share of the layer's neurons that are silent in the finished model, over the samples. */
  readonly sparsity: number;
  /** How the products that read the activation are executed. */
  readonly lowering: LoweringKind;
  /** Relative error at the output with this threshold alone. */
  readonly outputError: number;
}
