/**
 * Initializer → TensorProto. Elements are written as `raw_data` (strings as `string_data`, the only form they have),
 * whatever form they were read in: it is the compact one, and every reader takes it.
 */

import { RheobaseError } from '../../errors.js';
import {
  blankTensorProto,
  type SparseTensorProto,
  type StringStringEntryProto,
  type TensorProto,
  TensorProtoDataLocation,
} from '../../generated/onnx-proto.js';
import type { Initializer, InitializerContent, SparseTensor } from '../../model/model.js';
import { bytesOf, type DType, dtypeToOnnx, storageLength, storageOf } from '../../tensor/index.js';
import { shapeExcerpt, tensorPlace } from '../excerpt.js';
import { extraFields, listField, metadataProto, textOrNothing } from './rest.js';

/**
 * The whole tensor, its elements in memory.
 * @throws RheobaseError `unsupported` for streamed elements, which only a top-level initializer may have.
 */
export function tensorProto(initializer: Initializer): TensorProto {
  const { content } = initializer;
  const proto = tensorHead(initializer);
  if (content.kind === 'external') {
    proto.dataLocation = TensorProtoDataLocation.EXTERNAL;
    proto.externalData = externalEntries(content);
  } else if (content.kind === 'stream') {
    throw new RheobaseError('unsupported', 'streamed elements in a nested tensor', {
      where: tensorPlace(initializer.name),
      remedy: 'make it an initializer of the main graph, or write it as external data',
    });
  } else if (initializer.dtype === 'string') {
    proto.stringData = stringElements(initializer);
  } else {
    proto.rawData = elementBytes(initializer);
  }
  return proto;
}

export type StreamContent = Extract<InitializerContent, { kind: 'stream' }>;

/** Bytes of a tensor's elements, as its dtype and shape have it; strings have no such number. */
export function elementByteLength(dtype: Exclude<DType, 'string'>, shape: readonly number[]): number {
  return storageLength(dtype, shape) * storageOf(dtype).BYTES_PER_ELEMENT;
}

/** @throws RheobaseError `bad-input` where a stream announces other bytes than its tensor takes. */
export function checkStream({ name, dtype, shape }: Initializer, { byteLength }: StreamContent): void {
  const where = tensorPlace(name);
  if (dtype === 'string') throw new RheobaseError('bad-input', 'strings cannot be streamed', { where });
  const expected = elementByteLength(dtype, shape);
  if (byteLength === expected) return;
  const what = `${dtype} of shape ${shapeExcerpt(shape)} takes ${expected} bytes, its stream announces ${byteLength}`;
  throw new RheobaseError('bad-input', what, { where });
}

/** Everything but the elements. */
export function tensorHead({ name, dtype, shape, docString, metadata, extra }: Initializer): TensorProto {
  const proto = blankTensorProto();
  proto.dims = listField(shape);
  proto.dataType = dtypeToOnnx(dtype);
  proto.name = textOrNothing(name);
  proto.docString = textOrNothing(docString);
  proto.metadataProps = metadataProto(metadata);
  proto.unknown = extraFields(extra);
  return proto;
}

/** The elements of an inline tensor as little-endian bytes, a view where there is something to view. */
export function elementBytes({ content }: Initializer): Uint8Array {
  if (content.kind !== 'inline') throw new RheobaseError('failed', `${content.kind} elements are not in memory`);
  return content.encoded instanceof Uint8Array ? content.encoded : bytesOf(content.data());
}

function stringElements({ content }: Initializer): Uint8Array[] {
  if (content.kind !== 'inline') throw new RheobaseError('failed', `${content.kind} elements are not in memory`);
  if (content.encoded !== undefined && !(content.encoded instanceof Uint8Array)) return [...content.encoded];
  const encoder = new TextEncoder();
  return (content.data().data as readonly string[]).map((text) => encoder.encode(text));
}

function externalEntries(content: Extract<Initializer['content'], { kind: 'external' }>): StringStringEntryProto[] {
  const { location, offset, length, checksum } = content;
  return [
    { key: 'location', value: location },
    ...(offset === 0 ? [] : [{ key: 'offset', value: String(offset) }]),
    ...(length === null ? [] : [{ key: 'length', value: String(length) }]),
    ...(checksum === undefined ? [] : [{ key: 'checksum', value: checksum }]),
  ];
}

export function sparseTensorProto({ values, indices, shape, extra }: SparseTensor): SparseTensorProto {
  return {
    values: tensorProto(values),
    indices: tensorProto(indices),
    dims: [...shape],
    unknown: extraFields(extra),
  };
}
