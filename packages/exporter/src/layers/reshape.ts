/** [batch, …] → [batch, …shape]: the elements of each example in another shape. */
import * as op from '../op/index.js';
import type { Layer } from './layer.js';

export function reshape(shape: readonly number[], { name }: { readonly name?: string } = {}): Layer {
  return { kind: 'reshape', name, parameters: () => [], forward: (x) => op.reshape(x, [0, ...shape]) };
}
