/**
 * A sparse product as a function of values, for those who build a network rather than rewrite one: y = a · W, reading the rows
 * of W whose neuron fires. The same lowerings as `lowerProducts`, for a matrix of activations; `chunked` needs what the
 * builder knows only at the end, and is left to `lowerProducts`.
 */
import { op, type Value } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';

export type MatMulLowering =
  | { readonly kind: 'gather' }
  /** Sparse while at most `k` neurons fire, else dense. */
  | { readonly kind: 'topk'; readonly k: number }
  /** Sparse while fewer than `crossover` neurons fire (default: 40 % of them), else dense. */
  | { readonly kind: 'adaptive'; readonly crossover?: number };

export interface SparseMatMulOptions {
  /** Default `adaptive`. */
  readonly lowering?: MatMulLowering;
}

/**
 * `a` `[rows, inner]` times `weight` `[inner, outer]`: `[rows, outer]`. With several rows the union of what fires counts.
 * @throws RheobaseError `bad-input` where the shape of the weight is not known, or a parameter out of range.
 */
export function sparseMatMul(
  a: Value<'float32'>,
  weight: Value<'float32'>,
  { lowering = { kind: 'adaptive' } }: SparseMatMulOptions = {},
): Value<'float32'> {
  const inner = weight.shape?.length === 2 ? weight.shape[0] : undefined;
  if (typeof inner !== 'number') throw badInput('the weight of a sparse product must be a matrix of known height');
  const activity = a.shape?.[0] === 1 ? a : op.reduceL1(a, { axes: [0], keepdims: true });
  const fires = op.cast(op.cast(activity, 'bool'), 'float32');
  const selected = (indices: Value<'int64'>) =>
    op.matMul(op.gather(a, indices, { axis: 1 }), op.gather(weight, indices, { axis: 0 }));
  const firing = () => selected(op.gather(op.nonZero(activity), 1, { axis: 0 }));
  const few = (limit: number) => op.less(op.reduceSum(fires, { keepdims: false }), limit);
  const dense = () => op.matMul(a, weight);
  switch (lowering.kind) {
    case 'gather':
      return firing();
    case 'adaptive': {
      const { crossover = Math.floor(inner * 0.4) } = lowering;
      return op.ifElse(few(within('crossover', crossover, 0, inner + 1)), firing, dense);
    }
    case 'topk': {
      const k = within('k', lowering.k, 1, inner);
      const largest = () => op.topK(op.reshape(fires, [-1n]), [BigInt(k)], { axis: 0, sorted: false }).indices;
      return op.ifElse(few(k + 1), () => selected(largest()), dense);
    }
  }
}

function within(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw badInput(`${name} is ${value}`, { remedy: `choose an integer from ${low} to ${high}` });
}
