/**
 * TensorProto → Initializer. Elements come in one of three forms: `raw_data` (little-endian bytes, kept as a view of
 * the file), a typed field that several element types share (table below), or a file beside the model. Nothing is
 * decoded before `data()` is called; lengths are checked at once, so that a shape that promises more than the file
 * holds is refused before anything is allocated.
 *
 * Source: onnx.proto, comments of TensorProto.
 */

import { badInput } from '../../errors.js';
import {
  type SparseTensorProto,
  type StringStringEntryProto,
  type TensorProto,
  TensorProtoDataLocation,
  writeSparseTensorProto,
  writeTensorProto,
} from '../../generated/onnx-proto.js';
import type { Initializer, InitializerContent, SparseTensor } from '../../model/model.js';
import {
  type DType,
  dtypeFromOnnx,
  storageLength,
  storageOf,
  type Tensor,
  tensorFromBytes,
} from '../../tensor/index.js';
import { excerpt, shapeExcerpt, tensorPlace } from '../excerpt.js';
import { decodeVarints } from '../packed.js';
import { readMetadata, withExtra } from './rest.js';

export function readTensor(proto: TensorProto): Initializer {
  const name = proto.name ?? '';
  const where = tensorPlace(name);
  const dtype = dtypeFromOnnx(proto.dataType ?? 0);
  if (dtype === undefined) throw badInput(`the element type ${proto.dataType ?? 0} is not one of ONNX`, { where });
  const shape = proto.dims ?? [];
  const bad = shape.find((extent) => extent < 0);
  if (bad !== undefined) throw badInput(`the shape ${shapeExcerpt(shape)} has the extent ${bad}`, { where });
  const { content, rest } =
    proto.dataLocation === TensorProtoDataLocation.EXTERNAL
      ? externalContent(proto, where)
      : inlineContent(proto, dtype, shape, where);
  const { metadata, rest: metadataProps } = readMetadata(proto.metadataProps);
  rest.segment = proto.segment;
  rest.metadataProps = metadataProps;
  rest.unknown = proto.unknown;
  const tensor = { name, dtype, shape, docString: proto.docString ?? '', content, metadata };
  return withExtra(tensor, writeTensorProto, rest);
}

export function readSparseTensor(proto: SparseTensorProto): SparseTensor {
  if (proto.values === undefined || proto.indices === undefined) {
    throw badInput('a sparse tensor lacks its values or indices', { where: tensorPlace(proto.values?.name ?? '') });
  }
  const sparse = { values: readTensor(proto.values), indices: readTensor(proto.indices), shape: proto.dims ?? [] };
  return withExtra(sparse, writeSparseTensorProto, { unknown: proto.unknown });
}

interface ContentAndRest {
  readonly content: InitializerContent;
  /** Content fields that the content did not come from. */
  readonly rest: TensorProto;
}

function inlineContent(proto: TensorProto, dtype: DType, shape: readonly number[], where: string): ContentAndRest {
  const { floatData, int32Data, int64Data, doubleData, uint64Data, stringData, rawData, externalData, dataLocation } =
    proto;
  const rest: TensorProto = { floatData, int32Data, int64Data, doubleData, uint64Data, stringData, externalData };
  if (dataLocation !== undefined && dataLocation !== TensorProtoDataLocation.DEFAULT) rest.dataLocation = dataLocation;
  if (dtype === 'string') {
    rest.stringData = undefined;
    rest.rawData = rawData;
    return { content: stringContent(stringData ?? [], shape, where), rest };
  }
  const bytes = byteCount(dtype, shape, where);
  if (rawData !== undefined) {
    if (rawData.length !== bytes) {
      throw badInput(`${dtype} of shape ${shapeExcerpt(shape)} takes ${bytes} bytes, raw_data has ${rawData.length}`, {
        where,
      });
    }
    return { content: lazily(() => tensorFromBytes(dtype, shape, rawData), rawData), rest };
  }
  const field = TYPED_FIELD[dtype];
  const packed = proto[field]?.bytes ?? new Uint8Array(0);
  rest[field] = undefined;
  return { content: typedContent(field, packed, dtype, shape, where), rest };
}

type TypedField = 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data';

const TYPED_FIELD: Readonly<Record<Exclude<DType, 'string'>, TypedField>> = {
  float32: 'floatData',
  complex64: 'floatData',
  float64: 'doubleData',
  complex128: 'doubleData',
  int64: 'int64Data',
  uint32: 'uint64Data',
  uint64: 'uint64Data',
  int32: 'int32Data',
  int16: 'int32Data',
  int8: 'int32Data',
  int4: 'int32Data',
  int2: 'int32Data',
  uint16: 'int32Data',
  uint8: 'int32Data',
  uint4: 'int32Data',
  uint2: 'int32Data',
  bool: 'int32Data',
  float16: 'int32Data',
  bfloat16: 'int32Data',
  float8e4m3fn: 'int32Data',
  float8e4m3fnuz: 'int32Data',
  float8e5m2: 'int32Data',
  float8e5m2fnuz: 'int32Data',
  float8e8m0: 'int32Data',
  float4e2m1: 'int32Data',
};

function typedContent(
  field: TypedField,
  packed: Uint8Array,
  dtype: Exclude<DType, 'string'>,
  shape: readonly number[],
  where: string,
): InitializerContent {
  const count = storageLength(dtype, shape);
  const disagree = (found: number) =>
    badInput(`${dtype} of shape ${shapeExcerpt(shape)} takes ${count} stored elements, the file has ${found}`, {
      where,
    });
  if (field === 'floatData' || field === 'doubleData') {
    const width = field === 'floatData' ? 4 : 8;
    if (packed.length !== count * width) throw disagree(packed.length / width);
    return lazily(() => tensorFromBytes(dtype, shape, packed), packed);
  }
  // A varint ends at the first byte without its high bit: counting those is counting elements.
  const found = packed.reduce((sum, byte) => sum + (byte < 0x80 ? 1 : 0), 0);
  if (found !== count) throw disagree(found);
  return lazily(() => {
    const data = new (storageOf(dtype))(count);
    decodeVarints(packed, data);
    return { dtype, shape: [...shape], data } as Tensor;
  });
}

function stringContent(strings: readonly Uint8Array[], shape: readonly number[], where: string): InitializerContent {
  const count = storageLength('string', shape);
  if (strings.length !== count) {
    throw badInput(`string of shape ${shapeExcerpt(shape)} takes ${count} elements, the file has ${strings.length}`, {
      where,
    });
  }
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return lazily(() => {
    try {
      return { dtype: 'string', shape: [...shape], data: strings.map((bytes) => decoder.decode(bytes)) };
    } catch (cause) {
      throw badInput('an element is not valid UTF-8', { where, cause });
    }
  }, strings);
}

function lazily(make: () => Tensor, encoded?: Uint8Array | readonly Uint8Array[]): InitializerContent {
  let tensor: Tensor | undefined;
  const data = () => {
    tensor ??= make();
    return tensor;
  };
  return encoded === undefined ? { kind: 'inline', data } : { kind: 'inline', data, encoded };
}

function byteCount(dtype: Exclude<DType, 'string'>, shape: readonly number[], where: string): number {
  const bytes = storageLength(dtype, shape) * storageOf(dtype).BYTES_PER_ELEMENT;
  if (!Number.isSafeInteger(bytes)) throw badInput(`the shape ${shapeExcerpt(shape)} is beyond any memory`, { where });
  return bytes;
}

function externalContent(proto: TensorProto, where: string): ContentAndRest {
  const known = new Map<string, string>();
  const others: StringStringEntryProto[] = [];
  for (const entry of proto.externalData ?? []) {
    const key = entry.key ?? '';
    if (EXTERNAL_KEYS.has(key) && !known.has(key) && entry.unknown === undefined) known.set(key, entry.value ?? '');
    else others.push(entry);
  }
  const location = known.get('location');
  if (location === undefined) throw badInput('external data without a location', { where });
  const checksum = known.get('checksum');
  const { floatData, int32Data, int64Data, doubleData, uint64Data, stringData, rawData } = proto;
  return {
    content: {
      kind: 'external',
      location,
      offset: byteNumber(known.get('offset'), 'offset', where) ?? 0,
      length: byteNumber(known.get('length'), 'length', where) ?? null,
      ...(checksum === undefined ? {} : { checksum }),
    },
    rest: {
      ...{ floatData, int32Data, int64Data, doubleData, uint64Data, stringData, rawData },
      externalData: others.length === 0 ? undefined : others,
    },
  };
}

const EXTERNAL_KEYS: ReadonlySet<string> = new Set(['location', 'offset', 'length', 'checksum']);

function byteNumber(text: string | undefined, key: string, where: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw badInput(`external data with the ${key} '${excerpt(text)}', which is no byte count`, { where });
  }
  return value;
}
