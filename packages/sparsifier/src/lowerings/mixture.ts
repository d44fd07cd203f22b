/**
 * `mixture`: a block-wise mixture of experts. A layer's neurons lie in blocks of those that fire together
 * (`byCoActivation`); TopK routes to k blocks, and only the rows of W in these are multiplied. After MoEfication (Zhang et
 * al., "Transformer Feed-forward Layers are Mixtures of Experts", 2022), with one difference: what is routed by is not a guess
 * of the activations but the activations.
 *
 * So `mixture` is exact: a block is ranked by whether any of its neurons fires, and where more than k blocks do, the
 * product is dense. `mixtureApproximate` ranks blocks by their sum of magnitudes and has no dense branch: of more than k
 * blocks with firing neurons it drops those that hold least, active neurons included.
 *
 * Against `topk` it has fewer things to rank, and rows that lie side by side; it pays for the silent neurons in its blocks.
 */
import { activity, firing } from './active.js';
import { dense, wholeWeightFor } from './dense.js';
import type { Fragment } from './fragment.js';
import type { Product } from './product.js';
import { byIndices, multiplySelected, sourceOf } from './select.js';
import { largest } from './topk.js';

export interface Blocks {
  /** Neurons in a block, which lie side by side; a divisor of the number of neurons. */
  readonly blockSize: number;
  /** Blocks that are multiplied. */
  readonly k: number;
}

/** The divisor of `inner` nearest to a wish that gives two blocks at least, all of one size; 1 where `inner` is prime. */
export function blockSizeFor(inner: number, wish = 16): number {
  let best = 1;
  for (let size = 1; 2 * size <= inner; size += 1) {
    const ratio = Math.abs(Math.log(size / wish));
    if (inner % size === 0 && ratio < Math.abs(Math.log(best / wish))) best = size;
  }
  return best;
}

/** `[rows, outer]`. */
export function mixture(product: Product, opset: number, blocks: Blocks, into: Fragment): string {
  const active = activity(product, opset, into);
  const source = sourceOf(product, into);
  const whole = wholeWeightFor(product, into);
  // 1 where a block has a neuron that fires, else 0: `[blocks]`.
  const busy = byBlock('ReduceMax', firing(active, into), blocks, opset, into);
  const count = into.op('ReduceSum', [busy], { keepdims: 0 });
  const fits = into.op('Less', [count, into.number('float32', blocks.k + 1)]);
  return into.op('If', [fits], {
    then_branch: into.subgraph(product.dtype, {}, (branch) =>
      multiplySelected(product, source, byIndices(neuronsOf(busy, product, blocks, branch)), branch),
    ),
    else_branch: into.subgraph(product.dtype, {}, (branch) => dense(product, branch, whole)),
  });
}

/** `[rows, outer]`: the k blocks with the largest sums of magnitudes. Not exact where neurons fire in more. */
export function mixtureApproximate(product: Product, opset: number, blocks: Blocks, into: Fragment): string {
  const magnitudes = into.op('Abs', [activity(product, opset, into)]);
  const held = byBlock('ReduceL1', magnitudes, blocks, opset, into);
  return multiplySelected(product, sourceOf(product, into), byIndices(neuronsOf(held, product, blocks, into)), into);
}

/** One number for each block of a `[1, inner]` value: `[blocks]`. */
function byBlock(
  reduction: 'ReduceMax' | 'ReduceL1',
  value: string,
  { blockSize }: Blocks,
  opset: number,
  into: Fragment,
): string {
  const blocked = into.op('Reshape', [value, into.integers(-1, blockSize)]);
  return opset >= 18
    ? into.op(reduction, [blocked, into.integers(1)], { keepdims: 0 })
    : into.op(reduction, [blocked], { axes: [1], keepdims: 0 });
}

/** Indices `[k · blockSize]` of the neurons in the k highest blocks. */
function neuronsOf(scores: string, { inner }: Product, { blockSize, k }: Blocks, into: Fragment): string {
  const neurons = into.constant({
    dtype: 'int64',
    shape: [inner / blockSize, blockSize],
    data: BigInt64Array.from({ length: inner }, (_, neuron) => BigInt(neuron)),
  });
  return into.op('Reshape', [into.op('Gather', [neurons, largest(scores, k, into)]), into.integers(-1)]);
}
