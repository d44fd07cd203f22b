/** A model whose weights lie in files beside it, with the way to them inside: what a backend takes as bytes. */
import { type Initializer, type Model, mapTensors, tensorOf } from '@rheobase/exporter';

export function inlineWeights(model: Model): Model {
  return mapTensors(model, (tensor) => (tensor.content.kind === 'external' ? inlined(tensor) : tensor));
}

/** Elements are read when they are asked for. */
function inlined(tensor: Initializer): Initializer {
  return { ...tensor, content: { kind: 'inline', data: () => tensorOf(tensor) } };
}
