/**
 * TensorProto → Initializer. Elements come in one of three forms: `raw_data` (little-endian bytes, kept as a view of
 * the file), a typed field that several element types share (table below), or a file beside the model. Nothing is
 * decoded before `data()` is called; lengths are checked at once, so that a shape that promises more than the file
 * holds is refused before anything is allocated.
 *
 * Source: onnx.proto, comments of TensorProto.
 */

import { badInput, RheobaseError } from '../../errors.js';
import {
  type SparseTensorProto,
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
import { elementByteLength } from '../element-bytes.js';
import { excerpt, shapeExcerpt, tensorPlace } from '../excerpt.js';
import { decodeVarints } from '../packed.js';
import { readMetadata, withExtra } from './rest.js';

/** Takes the message apart: what remains of it in the end is what the representation has no name for. */
export function readTensor(proto: TensorProto): Initializer {
  const name = proto.name ?? '';
  try {
    return readNamed(name, proto);
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(tensorPlace(name)) : error;
  }
}

function readNamed(name: string, proto: TensorProto): Initializer {
  const dtype = dtypeFromOnnx(proto.dataType ?? 0);
  if (dtype === undefined) throw badInput(`the element type ${proto.dataType ?? 0} is not one of ONNX`);
  const shape = proto.dims ?? NONE;
  const bad = shape.find((extent) => extent < 0);
  if (bad !== undefined) throw badInput(`the shape ${shapeExcerpt(shape)} has the extent ${bad}`);
  const { EXTERNAL, DEFAULT } = TensorProtoDataLocation;
  const content = proto.dataLocation === EXTERNAL ? takeExternal(proto) : takeInline(proto, dtype, shape, name);
  const { metadata, rest } = readMetadata(proto.metadataProps);
  const tensor = { name, dtype, shape, docString: proto.docString ?? '', content, metadata };
  proto.name = undefined;
  proto.dataType = undefined;
  proto.dims = undefined;
  proto.docString = undefined;
  if (proto.dataLocation === EXTERNAL || proto.dataLocation === DEFAULT) proto.dataLocation = undefined;
  proto.metadataProps = rest;
  return withExtra(tensor, writeTensorProto, proto);
}

const NONE: readonly never[] = Object.freeze([]);

export function readSparseTensor(proto: SparseTensorProto): SparseTensor {
  if (proto.values === undefined || proto.indices === undefined) {
    throw badInput('a sparse tensor lacks its values or indices', { where: tensorPlace(proto.values?.name ?? '') });
  }
  const sparse = { values: readTensor(proto.values), indices: readTensor(proto.indices), shape: proto.dims ?? [] };
  return withExtra(sparse, writeSparseTensorProto, { unknown: proto.unknown });
}

function takeInline(proto: TensorProto, dtype: DType, shape: readonly number[], name: string): InitializerContent {
  if (dtype === 'string') {
    const strings = proto.stringData ?? NONE;
    proto.stringData = undefined;
    return stringContent(strings, shape, name);
  }
  const bytes = byteCount(dtype, shape);
  const { rawData } = proto;
  if (rawData !== undefined) {
    proto.rawData = undefined;
    if (rawData.length !== bytes) {
      throw badInput(`${dtype} of shape ${shapeExcerpt(shape)} takes ${bytes} bytes, raw_data has ${rawData.length}`);
    }
    return lazily(() => tensorFromBytes(dtype, shape, rawData), rawData);
  }
  const field = TYPED_FIELD[dtype];
  const packed = proto[field]?.bytes ?? new Uint8Array(0);
  proto[field] = undefined;
  return typedContent(field, packed, dtype, shape);
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
): InitializerContent {
  const count = storageLength(dtype, shape);
  if (field === 'floatData' || field === 'doubleData') {
    const width = field === 'floatData' ? 4 : 8;
    requireCount(dtype, shape, 'stored elements', count, packed.length / width);
    return lazily(() => tensorFromBytes(dtype, shape, packed), packed);
  }
  // A varint ends at the first byte without its high bit: counting those is counting elements.
  const found = packed.reduce((sum, byte) => sum + (byte < 0x80 ? 1 : 0), 0);
  requireCount(dtype, shape, 'stored elements', count, found);
  return lazily(() => {
    const data = new (storageOf(dtype))(count);
    decodeVarints(packed, data);
    return { dtype, shape: [...shape], data } as Tensor;
  });
}

function stringContent(strings: readonly Uint8Array[], shape: readonly number[], name: string): InitializerContent {
  requireCount('string', shape, 'elements', storageLength('string', shape), strings.length);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return lazily(() => {
    try {
      return { dtype: 'string', shape: [...shape], data: strings.map((bytes) => decoder.decode(bytes)) };
    } catch (cause) {
      throw badInput('an element is not valid UTF-8', { where: tensorPlace(name), cause });
    }
  }, strings);
}

function requireCount(dtype: DType, shape: readonly number[], what: string, count: number, found: number): void {
  if (count === found) return;
  throw badInput(`${dtype} of shape ${shapeExcerpt(shape)} takes ${count} ${what}, the file has ${found}`);
}

function lazily(make: () => Tensor, encoded?: Uint8Array | readonly Uint8Array[]): InitializerContent {
  let tensor: Tensor | undefined;
  const data = () => {
    tensor ??= make();
    return tensor;
  };
  return encoded === undefined ? { kind: 'inline', data } : { kind: 'inline', data, encoded };
}

function byteCount(dtype: Exclude<DType, 'string'>, shape: readonly number[]): number {
  const bytes = elementByteLength(dtype, shape);
  if (!Number.isSafeInteger(bytes)) throw badInput(`the shape ${shapeExcerpt(shape)} is beyond any memory`);
  return bytes;
}

function takeExternal(proto: TensorProto): InitializerContent {
  let location: string | undefined;
  let offset: number | undefined;
  let length: number | undefined;
  let checksum: string | undefined;
  // Keys given twice, and keys of a later version, are not ours.
  const others = (proto.externalData ?? []).filter(({ key, value = '', unknown }) => {
    if (unknown !== undefined) return true;
    if (key === 'location' && location === undefined) location = value;
    else if (key === 'offset' && offset === undefined) offset = byteNumber(value, key);
    else if (key === 'length' && length === undefined) length = byteNumber(value, key);
    else if (key === 'checksum' && checksum === undefined) checksum = value;
    else return true;
    return false;
  });
  if (location === undefined) throw badInput('external data without a location');
  proto.externalData = others.length === 0 ? undefined : others;
  const content = { kind: 'external' as const, location, offset: offset ?? 0, length: length ?? null };
  return checksum === undefined ? content : { ...content, checksum };
}

function byteNumber(text: string, key: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw badInput(`external data with the ${key} '${excerpt(text)}', which is no byte count`);
}
