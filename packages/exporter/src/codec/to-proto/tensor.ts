/**
 * Initializer → TensorProto. Elements are written as `raw_data` (strings as `string_data`, the only form they have),
 * whatever form they were read in: it is the compact one, and every reader takes it.
 */
import { RheobaseError } from '../../errors.js';
import {
  type SparseTensorProto,
  type StringStringEntryProto,
  type TensorProto,
  TensorProtoDataLocation,
} from '../../generated/onnx-proto.js';
import type { Initializer, SparseTensor } from '../../model/model.js';
import { bytesOf, dtypeToOnnx } from '../../tensor/index.js';
import { extraFields, metadataProto, textOrNothing } from './rest.js';

/**
 * The whole tensor, its elements in memory.
 * @throws RheobaseError `unsupported` for streamed elements, which only a top-level initializer may have.
 */
export function tensorProto(initializer: Initializer): TensorProto {
  const { content } = initializer;
  const head = tensorHead(initializer);
  if (content.kind === 'external') {
    return { ...head, dataLocation: TensorProtoDataLocation.EXTERNAL, externalData: externalEntries(content) };
  }
  if (content.kind === 'stream') {
    throw new RheobaseError('unsupported', 'streamed elements in a nested tensor', {
      where: `tensor '${initializer.name}'`,
      remedy: 'make it an initializer of the main graph',
    });
  }
  return initializer.dtype === 'string'
    ? { ...head, stringData: stringElements(initializer) }
    : { ...head, rawData: elementBytes(initializer) };
}

/** Everything but the elements. */
export function tensorHead({ name, dtype, shape, docString, metadata, extra }: Initializer): TensorProto {
  return {
    dims: [...shape],
    dataType: dtypeToOnnx(dtype),
    name: textOrNothing(name),
    docString: textOrNothing(docString),
    metadataProps: metadataProto(metadata),
    unknown: extraFields(extra),
  };
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
