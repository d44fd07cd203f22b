/**
 * `adaptive`: counts the neurons that fire, and takes the way that pays for so many: few rows are gathered at once, more
 * in chunks, and where most fire all of W is read as it lies. Counting touches `inner` numbers where the product touches
 * inner · outer, so that the dense case loses next to nothing.
 *
 * An If costs tens of microseconds in ONNX Runtime 1.30, as much as all else around a small product: the dense way lies
 * behind one alone, and so does gathering where `gatherBelow` leaves chunks nothing to do. (Gathering few rows behind one and
 * the dense way behind two makes 99 % silent a third faster on node/cpu, but the dense way a fifth slower on node/wasm.) What
 * is counted are the indices of the neurons that fire, which the sparse ways need anyway.
 *
 * All ways read the same W; ONNX Runtime keeps a second, packed copy of it for the dense one on CPU.
 */
import { activeIndices, firingMask } from './active.js';
import { type ChunkSizes, overChunks } from './chunked.js';
import { dense, wholeWeightFor } from './dense.js';
import type { Fragment } from './fragment.js';
import type { Product } from './product.js';
import { byIndices, multiplySelected, sourceOf } from './select.js';

/** @param crossover with fewer active neurons than this a sparse way is taken. `[rows, outer]`. */
export function adaptive(
  product: Product,
  opset: number,
  crossover: number,
  sizes: ChunkSizes,
  into: Fragment,
): string {
  const indices = activeIndices(product, firingMask(product, opset, into), into);
  const count = into.op('Shape', [indices]);
  const source = sourceOf(product, into);
  const whole = wholeWeightFor(product, into);
  const sparsely = (branch: Fragment) =>
    sizes.gatherBelow < crossover ? choose(sizes.gatherBelow, branch, gathered, inChunks) : gathered(branch);
  return choose(crossover, into, sparsely, densely);

  function choose(below: number, at: Fragment, few: Way, many: Way): string {
    return at.op('If', [at.op('Less', [count, at.integers(below)])], {
      then_branch: at.subgraph(product.dtype, {}, few),
      else_branch: at.subgraph(product.dtype, {}, many),
    });
  }

  function gathered(branch: Fragment): string {
    return multiplySelected(product, source, byIndices(indices), branch);
  }

  /** Never with fewer than `gatherBelow` neurons, so that there is a chunk at least. */
  function inChunks(branch: Fragment): string {
    return overChunks(product, source, indices, count, sizes.chunkRows, branch);
  }

  function densely(branch: Fragment): string {
    return dense(product, branch, whole);
  }
}

type Way = (branch: Fragment) => string;
