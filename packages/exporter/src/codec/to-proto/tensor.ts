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
import type { Initializer, SparseTensor } from '../../model/model.js';
import { bytesOf, dtypeToOnnx } from '../../tensor/index.js';
import { tensorPlace } from '../excerpt.js';
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
