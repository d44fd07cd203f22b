/** Initializers made from tensors in memory, and the way back. */
import { RheobaseError } from '../errors.js';
import type { Tensor } from '../tensor/index.js';
import type { Initializer } from './model.js';

/** A named constant with the elements of `tensor`. */
export function initializer(name: string, tensor: Tensor): Initializer {
  return {
    name,
    dtype: tensor.dtype,
    shape: tensor.shape,
    docString: '',
    content: { kind: 'inline', data: () => tensor },
    metadata: {},
  };
}

/**
 * The elements of an initializer; external ones are read from their file, if the model was opened from one.
 * @throws RheobaseError `failed` where there is no way to them (external data of a model that came as bytes, a stream).
 */
export function tensorOf({ name, content }: Initializer): Tensor {
  if (content.kind === 'inline') return content.data();
  if (content.kind === 'external' && content.source !== undefined) return content.source.data();
  throw new RheobaseError('failed', `its elements are not in memory (${content.kind})`, {
    where: `tensor '${name}'`,
    ...(content.kind === 'external' ? { remedy: 'open the model from its file' } : {}),
  });
}
