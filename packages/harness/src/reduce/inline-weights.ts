/** A model whose weights lie in files beside it, with all of them inside: what is left of it can be moved about. */
import { type Initializer, initializer, type Model, mapTensors, tensorOf } from '@rheobase/exporter';

/** @throws RheobaseError `failed` where there is no way to the elements. */
export function withWeightsInside(model: Model): Model {
  return mapTensors(model, (tensor) => (tensor.content.kind === 'inline' ? tensor : inlined(tensor)));
}

function inlined(tensor: Initializer): Initializer {
  return { ...initializer(tensor.name, tensorOf(tensor)), docString: tensor.docString, metadata: tensor.metadata };
}
