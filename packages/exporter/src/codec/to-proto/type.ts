/** ValueType → TypeProto. */
import protobuf from 'protobufjs/minimal.js';
import {
  blankTensorShapeProto,
  blankTensorShapeProtoDimension,
  blankTypeProto,
  blankTypeProtoTensor,
  readTypeProto,
  type TensorShapeProto,
  type TypeProto,
  type TypeProtoTensor,
} from '../../generated/onnx-proto.js';
import type { Dim, TensorType, ValueType } from '../../model/model.js';
import { dtypeToOnnx } from '../../tensor/index.js';

/** Undefined for a value whose type is not known at all: the format then leaves the field out. */
export function typeProto(type: ValueType): TypeProto | undefined {
  if (type.kind === 'unknown') {
    return type.raw && readTypeProto(new protobuf.Reader(type.raw), type.raw.length, 0);
  }
  const proto = blankTypeProto();
  proto.denotation = type.denotation;
  switch (type.kind) {
    case 'tensor':
      proto.tensorType = tensorProto(type);
      break;
    case 'sparseTensor':
      proto.sparseTensorType = tensorProto(type);
      break;
    case 'sequence':
      proto.sequenceType = { elemType: typeProto(type.element) };
      break;
    case 'optional':
      proto.optionalType = { elemType: typeProto(type.element) };
      break;
    case 'map':
      proto.mapType = { keyType: dtypeToOnnx(type.key), valueType: typeProto(type.value) };
      break;
  }
  return proto;
}

function tensorProto({ dtype, shape, dimDenotations }: Omit<TensorType, 'kind'>): TypeProtoTensor {
  const proto = blankTypeProtoTensor();
  proto.elemType = dtypeToOnnx(dtype);
  proto.shape = shape === null ? undefined : shapeProto(shape, dimDenotations);
  return proto;
}

function shapeProto(shape: readonly Dim[], denotations: readonly string[] = []): TensorShapeProto {
  const proto = blankTensorShapeProto();
  proto.dim = shape.map((dim, axis) => {
    const one = blankTensorShapeProtoDimension();
    if (typeof dim === 'number') one.dimValue = dim;
    else if (typeof dim === 'string') one.dimParam = dim;
    one.denotation = denotations[axis] || undefined;
    return one;
  });
  return proto;
}
