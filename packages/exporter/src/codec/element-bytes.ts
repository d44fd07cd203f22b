/** How many bytes the elements of a tensor are, and whether a stream of them keeps to it. */
import { badInput } from '../errors.js';
import type { Initializer, InitializerContent } from '../model/model.js';
import { type DType, storageLength, storageOf } from '../tensor/index.js';
import { shapeExcerpt, tensorPlace } from './excerpt.js';

export type StreamContent = Extract<InitializerContent, { kind: 'stream' }>;

/** Bytes of a tensor's elements, as its dtype and shape have it; strings have no such number. */
export function elementByteLength(dtype: Exclude<DType, 'string'>, shape: readonly number[]): number {
  return storageLength(dtype, shape) * storageOf(dtype).BYTES_PER_ELEMENT;
}

/** @throws RheobaseError `bad-input` where a stream announces other bytes than its tensor takes. */
export function checkStream({ name, dtype, shape }: Initializer, { byteLength }: StreamContent): void {
  const where = tensorPlace(name);
  if (dtype === 'string') throw badInput('strings cannot be streamed', { where });
  const expected = elementByteLength(dtype, shape);
  if (byteLength === expected) return;
  const what = `${dtype} of shape ${shapeExcerpt(shape)} takes ${expected} bytes, its stream announces ${byteLength}`;
  throw badInput(what, { where });
}

/** @throws RheobaseError `bad-input` where a stream gave another number of bytes than it announced. */
export function checkStreamLength(length: number, { byteLength }: StreamContent, where: string): void {
  if (length === byteLength) return;
  const given = length > byteLength ? 'more' : `only ${length}`;
  throw badInput(`its stream announced ${byteLength} bytes and gave ${given}`, { where });
}
