/** TypeProto → ValueType. A type that ValueType cannot say in full stays as its bytes, kind `unknown`. */
import protobuf from 'protobufjs/minimal.js';
import {
  type TensorShapeProto,
  type TensorShapeProtoDimension,
  type TypeProto,
  type TypeProtoTensor,
  writeTypeProto,
} from '../../generated/onnx-proto.js';
import type { Dim, TensorType, ValueType } from '../../model/model.js';
import { dtypeFromOnnx } from '../../tensor/index.js';

export function readType(proto: TypeProto | undefined): ValueType {
  if (proto === undefined) return { kind: 'unknown' };
  return known(proto) ?? { kind: 'unknown', raw: writeTypeProto(new protobuf.Writer(), proto).finish() };
}

function known(proto: TypeProto): ValueType | undefined {
  if (proto.unknown !== undefined) return undefined;
  const denotation = proto.denotation === undefined ? {} : { denotation: proto.denotation };
  const { tensorType, sparseTensorType, sequenceType, optionalType, mapType } = proto;
  if (tensorType !== undefined) return withDenotation(tensorOf(tensorType), denotation);
  if (sparseTensorType !== undefined) {
    const tensor = tensorOf(sparseTensorType);
    return tensor && { ...tensor, kind: 'sparseTensor', ...denotation };
  }
  if (sequenceType !== undefined || optionalType !== undefined) {
    const container = sequenceType ?? optionalType;
    const element = container?.elemType && container.unknown === undefined ? known(container.elemType) : undefined;
    return element && { kind: sequenceType === undefined ? 'optional' : 'sequence', element, ...denotation };
  }
  if (mapType !== undefined) {
    const key = dtypeFromOnnx(mapType.keyType ?? 0);
    const value = mapType.valueType && mapType.unknown === undefined ? known(mapType.valueType) : undefined;
    return key && value && { kind: 'map', key, value, ...denotation };
  }
  return undefined;
}

function withDenotation(type: TensorType | undefined, denotation: { denotation?: string }): TensorType | undefined {
  return type && { ...type, ...denotation };
}

function tensorOf({ elemType, shape, unknown }: TypeProtoTensor): TensorType | undefined {
  const dtype = dtypeFromOnnx(elemType ?? 0);
  if (dtype === undefined || unknown !== undefined) return undefined;
  if (shape === undefined) return { kind: 'tensor', dtype, shape: null };
  if (!isPlain(shape)) return undefined;
  const dims = shape.dim ?? [];
  const dimDenotations = dims.map((dim) => dim.denotation ?? '');
  return {
    kind: 'tensor',
    dtype,
    shape: dims.map(dimOf),
    ...(dimDenotations.some((text) => text !== '') ? { dimDenotations } : {}),
  };
}

function isPlain({ dim, unknown }: TensorShapeProto): boolean {
  return unknown === undefined && (dim ?? []).every((one) => one.unknown === undefined);
}

/** Some exporters write −1, or an empty name, for "unknown". */
function dimOf({ dimValue, dimParam }: TensorShapeProtoDimension): Dim {
  if (dimValue !== undefined) return dimValue < 0 ? null : dimValue;
  return dimParam === undefined || dimParam === '' ? null : dimParam;
}
