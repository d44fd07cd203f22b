/** What a threshold activation can be told. */
import type { Activation } from './activations.js';
import type { FloatDType } from './float-dtype.js';
import type { Threshold } from './theta.js';

/** When a neuron fires: x > θ, x ≥ θ, or |x| > θ. */
export type Comparison = 'greater' | 'greaterOrEqual' | 'magnitude';

/**
 * The nodes that compute it.
 * - `where`: Greater and Where; exact on every provider.
 * - `thresholdedRelu`: the one ONNX operator; exact for relu and identity, one fixed θ ≥ 0, and x > θ.
 * - `multiply`: Cast and Mul; never exact: a silent NaN or infinity gives NaN, a silent negative number −0.
 * - `auto`: the cheapest exact one for `target`.
 */
export type Lowering = 'where' | 'thresholdedRelu' | 'multiply' | 'auto';

export type ExplicitLowering = Exclude<Lowering, 'auto'>;

export interface ThresholdOptions<D extends FloatDType = FloatDType> {
  /** θ: one number, one per channel, or a value of the graph. Fixed ones are rounded to x's element type. */
  readonly threshold: Threshold<D>;
  /** f; default `identity`. */
  readonly activation?: Activation;
  /** Default `greater`. */
  readonly comparison?: Comparison;
  /** The axis of x that one θ per channel runs along; default −1. For a θ from the graph: default broadcast as it is. */
  readonly axis?: number;
  /** Default `where`. */
  readonly lowering?: Lowering;
  /** Takes the lowering even where it is not exact. Default false. */
  readonly force?: boolean;
  /**
   * Makes it one node, a call of a function of the model in the domain `rheobase`, whose body the lowering is: what a
   * viewer shows as `ThresholdRelu`. Runtimes put the body in its place. Needs IR version 8. Default false.
   */
  readonly asFunction?: boolean;
  /** For `auto`: the backend or provider that will run the model, e.g. `node/webgpu`; default `node/cpu`. */
  readonly target?: string;
  /** For `auto`: the opset the model will be built with; default 21. */
  readonly opset?: number;
}
