/** ValueType → TypeProto. */
import protobuf from 'protobufjs/minimal.js';
import { readTypeProto, type TensorShapeProto, type TypeProto } from '../../generated/onnx-proto.js';
import type { Dim, TensorType, ValueType } from '../../model/model.js';
import { dtypeToOnnx } from '../../tensor/index.js';

/** Undefined for a value whose type is not known at all: the format then leaves the field out. */
export function typeProto(type: ValueType): TypeProto | undefined {
  switch (type.kind) {
    case 'tensor':
      return { tensorType: tensorProto(type), denotation: type.denotation };
    case 'sparseTensor':
      return { sparseTensorType: tensorProto(type), denotation: type.denotation };
    case 'sequence':
      return { sequenceType: { elemType: typeProto(type.element) }, denotation: type.denotation };
    case 'optional':
      return { optionalType: { elemType: typeProto(type.element) }, denotation: type.denotation };
    case 'map':
      return {
        mapType: { keyType: dtypeToOnnx(type.key), valueType: typeProto(type.value) },
        denotation: type.denotation,
      };
    case 'unknown':
      return type.raw && readTypeProto(new protobuf.Reader(type.raw), type.raw.length, 0);
  }
}

function tensorProto({ dtype, shape, dimDenotations }: Omit<TensorType, 'kind'>) {
  return { elemType: dtypeToOnnx(dtype), shape: shape === null ? undefined : shapeProto(shape, dimDenotations) };
}

function shapeProto(shape: readonly Dim[], denotations: readonly string[] = []): TensorShapeProto {
  return {
    dim: shape.map((dim, axis) => ({
      dimValue: typeof dim === 'number' ? dim : undefined,
      dimParam: typeof dim === 'string' ? dim : undefined,
      denotation: denotations[axis] || undefined,
    })),
  };
}
