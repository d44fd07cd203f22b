/**
 * `adaptive`: counts the neurons that fire, and takes the sparse way only where it pays. Counting touches `inner`
 * numbers where the product touches inner · outer, so that the dense case loses next to nothing.
 *
 * Both branches read the same W; ONNX Runtime keeps a second, packed copy of it for the dense branch on CPU.
 */
import { activeCount, activity } from './active.js';
import { type ChunkSizes, chunked } from './chunked.js';
import { dense } from './dense.js';
import type { Fragment } from './fragment.js';
import type { Product } from './product.js';

/** @param crossover with fewer active neurons than this the sparse way is taken. `[rows, outer]`. */
export function adaptive(
  product: Product,
  opset: number,
  crossover: number,
  sizes: ChunkSizes,
  into: Fragment,
): string {
  const count = activeCount(activity(product, opset, into), into);
  const few = into.op('Less', [count, into.number('float32', crossover)]);
  return into.op('If', [few], {
    then_branch: into.subgraph(product.dtype, {}, (branch) => chunked(product, opset, sizes, branch)),
    else_branch: into.subgraph(product.dtype, {}, (branch) => dense(product, branch)),
  });
}
