/** A model whose weights lie in files beside it, with the way to them inside: what a backend takes as bytes, and what is left of it can be moved about. */
import { tensorOf } from '../model/initializer.js';
import { mapTensors } from '../model/map-tensors.js';
import type { Initializer, Model } from '../model/model.js';

/**
 * Elements are read when they are asked for: by whoever looks at them, or when the model is encoded.
 * @throws RheobaseError `failed`, then, where there is no way to them.
 */
export function withWeightsInside(model: Model): Model {
  return mapTensors(model, (tensor) => (tensor.content.kind === 'external' ? inside(tensor) : tensor));
}

function inside(tensor: Initializer): Initializer {
  return { ...tensor, content: { kind: 'inline', data: () => tensorOf(tensor) } };
}
