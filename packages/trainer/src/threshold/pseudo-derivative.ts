/**
 * The derivative of a step, which is zero everywhere and infinite at one point, replaced by a finite one: a window of
 * width ε around the threshold, of height 1/ε. What falls into it is what a small change of θ would flip.
 *
 * Source: Rajamanoharan et al., Jumping Ahead: Improving Reconstruction Fidelity with JumpReLU Sparse Autoencoders
 * (arXiv 2407.14435), section 3 and appendix A: a kernel density estimate of the true gradient of the expected loss.
 */
import { op, type Value } from '@rheobase/exporter';
import { add, div, mul, sub } from '../graph/arithmetic.js';
import { productAs, shapeOf } from '../graph/operators.js';
import { extentsOf, withShape } from '../graph/values.js';

/**
 * Share of the root mean square of x that the window is wide. Wider windows catch more neurons in a batch (less
 * noise), narrower ones stay closer to θ (less bias).
 */
export const DEFAULT_BANDWIDTH = 0.1;

export interface Window {
  /** ε, a scalar. */
  readonly width: Value;
  /** K((x − at)/ε): true where x is less than ε/2 away. */
  around(at: Value): Value<'bool'>;
}

/** The window of a bandwidth relative to the scale of `x`, which is taken anew in every batch. */
export function windowOver(x: Value, bandwidth: number): Window {
  const scale = rootMeanSquare(x);
  // A scale of zero would divide by zero; the window is then as good as empty.
  const width = add(mul(scale, bandwidth), 1e-12);
  const half = mul(width, 0.5);
  return { width, around: (at) => op.less(op.abs(sub(x, at)), half) };
}

function rootMeanSquare(x: Value): Value {
  const norm = withShape(op.reduceL2(x, { keepdims: false }), []);
  const size = extentsOf(x)?.reduce((product, extent) => product * extent, 1);
  if (size !== undefined) return mul(norm, 1 / Math.sqrt(Math.max(size, 1)));
  return div(norm, op.sqrt(productAs(shapeOf(x), x.dtype)));
}
