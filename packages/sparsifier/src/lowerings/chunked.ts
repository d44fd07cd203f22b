/**
 * `chunked`: as `gather`, but the active rows are copied and multiplied a chunk at a time, so that a chunk is still in
 * the second-level cache when it is multiplied, and its buffer is still there when the next one is written into it.
 *
 * Measured on ONNX Runtime 1.30 (CPU, 4096 × 4096, f32): of the ways to walk over chunks, Scan costs least (slices of a
 * scan input are views, a chunk takes two kernels: Gather, and a Gemm that adds to the running sum). Loop with Slice
 * takes twice the overhead; a static split of the columns loses to shorter copies.
 *
 * Scan cannot run zero times in ONNX Runtime 1.30, so few rows are gathered at once (they are cheaper that way anyway).
 * Chunks have all the same size: the odd rows are multiplied first and begin the sum, so that W needs no row of zeros.
 */
import { activeIndices, firingMask } from './active.js';
import type { Fragment } from './fragment.js';
import { multiplyAdd, type Product } from './product.js';
import { byIndices, multiplySelected, type Source, selectActivations, selectWeights, sourceOf } from './select.js';

export interface ChunkSizes {
  /** Rows of weights in a chunk; at least 1. */
  readonly chunkRows: number;
  /** With fewer active rows than this they are gathered at once; at least `chunkRows`. */
  readonly gatherBelow: number;
}

/** Bytes of weights that stay in a second-level cache between being copied and being multiplied. */
const CHUNK_BYTES = 384 * 1024;
/** Bytes of weights that are not worth cutting up. */
const GATHER_BYTES = 1024 * 1024;

/** Sizes that fit a row length; `elementBytes` is 4 for float32. */
export function defaultChunkSizes(outer: number, elementBytes: number, inner: number): ChunkSizes {
  const rows = (bytes: number) => Math.min(inner + 1, Math.max(1, Math.floor(bytes / (outer * elementBytes))));
  return { chunkRows: rows(CHUNK_BYTES), gatherBelow: rows(GATHER_BYTES) };
}

/** `[rows, outer]`. */
export function chunked(product: Product, opset: number, sizes: ChunkSizes, into: Fragment): string {
  const indices = activeIndices(product, firingMask(product, opset, into), into);
  const source = sourceOf(product, into);
  if (sizes.gatherBelow > product.inner) return multiplySelected(product, source, byIndices(indices), into);
  const count = into.op('Shape', [indices]);
  const few = into.op('Less', [count, into.integers(sizes.gatherBelow)]);
  return into.op('If', [few], {
    then_branch: into.subgraph(product.dtype, {}, (branch) =>
      multiplySelected(product, source, byIndices(indices), branch),
    ),
    else_branch: into.subgraph(product.dtype, {}, (branch) =>
      overChunks(product, source, indices, count, sizes.chunkRows, branch),
    ),
  });
}

/**
 * The product over the channels `indices`, a chunk of them at a time: `[rows, outer]`.
 * @param count `[1]`: how many indices there are; at least `chunkRows`.
 */
export function overChunks(
  product: Product,
  source: Source,
  indices: string,
  count: string,
  chunkRows: number,
  into: Fragment,
): string {
  const odd = into.op('Mod', [count, into.integers(chunkRows)]);
  const sizes = into.op('Concat', [odd, into.op('Sub', [count, odd])], { axis: 0 });
  const [first = '', rest = ''] = into.ops('Split', [indices, sizes], 2, { axis: 0 });
  const begun = multiplySelected(product, source, byIndices(first), into);
  const chunks = into.op('Reshape', [rest, into.integers(-1, chunkRows)]);
  const { dtype, gated } = product;
  if (gated !== undefined) {
    const body = into.subgraph(dtype, { sum: dtype, chunk: 'int64' }, (inner, sum = '', chunk = '') => {
      const activations = selectActivations(product, source, byIndices(chunk), inner);
      return multiplyAdd(product, activations, selectWeights(product, byIndices(chunk), inner), sum, inner);
    });
    return into.op('Scan', [begun, chunks], { body, num_scan_inputs: 1 });
  }
  // All activations at once, [rows, chunks, chunkRows]: one Gather outside costs less than one in every chunk.
  const activations = selectActivations(product, source, byIndices(chunks), into);
  const inputs = { sum: dtype, chunk: 'int64', values: dtype } as const;
  const body = into.subgraph(dtype, inputs, (inner, sum = '', chunk = '', values = '') =>
    multiplyAdd(product, values, selectWeights(product, byIndices(chunk), inner), sum, inner),
  );
  return into.op('Scan', [begun, chunks, activations], { body, num_scan_inputs: 2, scan_input_axes: [0, 1] });
}
