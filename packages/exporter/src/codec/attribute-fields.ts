/** Which field of AttributeProto holds which kind of attribute, and the number its `type` then has. */
import { type AttributeProto, AttributeProtoAttributeType as AttributeType } from '../generated/onnx-proto.js';
import type { AttributeValue } from '../model/model.js';

interface AttributeField {
  readonly kind: AttributeValue['kind'];
  readonly type: number;
  readonly field: keyof AttributeProto;
}

export const ATTRIBUTE_FIELDS: readonly AttributeField[] = [
  { kind: 'float', type: AttributeType.FLOAT, field: 'f' },
  { kind: 'int', type: AttributeType.INT, field: 'i' },
  { kind: 'string', type: AttributeType.STRING, field: 's' },
  { kind: 'tensor', type: AttributeType.TENSOR, field: 't' },
  { kind: 'graph', type: AttributeType.GRAPH, field: 'g' },
  { kind: 'sparseTensor', type: AttributeType.SPARSE_TENSOR, field: 'sparseTensor' },
  { kind: 'type', type: AttributeType.TYPE_PROTO, field: 'tp' },
  { kind: 'floats', type: AttributeType.FLOATS, field: 'floats' },
  { kind: 'ints', type: AttributeType.INTS, field: 'ints' },
  { kind: 'strings', type: AttributeType.STRINGS, field: 'strings' },
  { kind: 'tensors', type: AttributeType.TENSORS, field: 'tensors' },
  { kind: 'graphs', type: AttributeType.GRAPHS, field: 'graphs' },
  { kind: 'sparseTensors', type: AttributeType.SPARSE_TENSORS, field: 'sparseTensors' },
  { kind: 'types', type: AttributeType.TYPE_PROTOS, field: 'typeProtos' },
];

const BY_TYPE = new Map(ATTRIBUTE_FIELDS.map((row) => [row.type, row]));

/** The field of an `AttributeProto.type` number, undefined where ONNX has no such type. */
export function attributeField(type: number): AttributeField | undefined {
  return BY_TYPE.get(type);
}

const TYPE_OF = new Map(ATTRIBUTE_FIELDS.map(({ kind, type }) => [kind, type]));

/** The `AttributeProto.type` number of a kind. */
export function attributeType(kind: AttributeValue['kind']): number {
  return TYPE_OF.get(kind) ?? AttributeType.UNDEFINED;
}
