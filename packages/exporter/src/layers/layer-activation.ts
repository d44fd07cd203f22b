/** The activation at the end of a layer: one that works element by element, or softmax over the last axis. */
import { type Activation, applyActivation } from '../activation/activations.js';
import type { Value } from '../builder/value.js';
import * as op from '../op/index.js';
import type { DType } from '../tensor/index.js';
import type { Layer } from './layer.js';

export type LayerActivation = Activation | 'softmax' | 'logSoftmax';

export function applyLayerActivation<D extends DType>(x: Value<D>, activation: LayerActivation): Value<D> {
  if (activation === 'softmax') return op.softmax(x);
  return activation === 'logSoftmax' ? op.logSoftmax(x) : applyActivation(x, activation);
}

/** An activation as a layer of its own. */
export function activation(activation: LayerActivation, { name }: { readonly name?: string } = {}): Layer {
  return {
    kind: 'activation',
    name,
    parameters: () => [],
    forward: (x) => applyLayerActivation(x, activation),
  };
}
