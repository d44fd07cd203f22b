/**
 * `topk`: TopK with a fixed k picks the neurons, so that every shape is known beforehand. WebGPU runs TopK and Gather
 * itself, where Compress would go to the CPU and back.
 *
 * Exact: what is ranked is whether a neuron fires (1 or 0, so that NaN has its place), and where more than k fire the
 * product is dense. `topkApproximate` ranks by magnitude, and has no dense branch: where more than k fire, it drops the
 * smallest.
 */
import { activeCount, activity, firing } from './active.js';
import { dense, wholeWeightFor } from './dense.js';
import type { Fragment } from './fragment.js';
import type { Product } from './product.js';
import { byIndices, multiplySelected, sourceOf } from './select.js';

/** `[rows, outer]`. */
export function topk(product: Product, opset: number, k: number, into: Fragment): string {
  const active = activity(product, opset, into);
  const source = sourceOf(product, into);
  const whole = wholeWeightFor(product, into);
  const fits = into.op('Less', [activeCount(active, into), into.number('float32', k + 1)]);
  return into.op('If', [fits], {
    then_branch: into.subgraph(product.dtype, {}, (branch) => {
      const indices = largest(firing(active, branch), k, branch);
      return multiplySelected(product, source, byIndices(indices), branch);
    }),
    else_branch: into.subgraph(product.dtype, {}, (branch) => dense(product, branch, whole)),
  });
}

/** `[rows, outer]`: the k largest by magnitude (with several rows: by their sum of magnitudes). Not exact where more fire. */
export function topkApproximate(product: Product, opset: number, k: number, into: Fragment): string {
  const active = activity(product, opset, into);
  const indices = largest(into.op('Abs', [active]), k, into);
  return multiplySelected(product, sourceOf(product, into), byIndices(indices), into);
}

/**
 * Indices `[k]` of the largest elements of a `[1, inner]` or `[inner]` value, in no order. What is reshaped are the floats
 * before, not the indices after: WebGPU has no Reshape for int64.
 */
export function largest(value: string, k: number, into: Fragment): string {
  const flat = into.op('Reshape', [value, into.integers(-1)]);
  const [, indices = ''] = into.ops('TopK', [flat, into.integers(k)], 2, { axis: 0, largest: 1, sorted: 0 });
  return indices;
}
