/** [batch, …] → [batch, features]. */
import * as op from '../op/index.js';
import type { Layer } from './layer.js';

export function flatten({ name }: { readonly name?: string } = {}): Layer {
  return { kind: 'flatten', name, parameters: () => [], forward: (x) => op.flatten(x) };
}
