/** AttributeProto → Attribute. The format keeps each kind of value in a field of its own; the table below pairs them. */

import { badInput } from '../../errors.js';
import { type AttributeProto, writeAttributeProto } from '../../generated/onnx-proto.js';
import type { Attribute, AttributeValue } from '../../model/model.js';
import { ATTRIBUTE_FIELDS, attributeField } from '../attribute-fields.js';
import { excerpt } from '../excerpt.js';
import { readGraph } from './graph.js';
import { withExtra } from './rest.js';
import { readSparseTensor, readTensor } from './tensor.js';
import { readType } from './type.js';

export function readAttribute(proto: AttributeProto): Attribute {
  const { name = '', docString, refAttrName } = proto;
  const row = proto.type
    ? attributeField(proto.type)
    : ATTRIBUTE_FIELDS.find(({ field }) => proto[field] !== undefined);
  if (row === undefined) {
    throw badInput(`attribute '${excerpt(name)}' has the type ${proto.type ?? 0}, which ONNX does not have`);
  }
  const value: Attribute =
    refAttrName === undefined || refAttrName === ''
      ? readValue(name, proto, row.kind)
      : { name, kind: 'reference', refName: refAttrName, type: row.kind };
  const attribute = docString === undefined ? value : { ...value, docString };
  return withExtra(attribute, writeAttributeProto, restOf(proto, row.field));
}

/** What remains of the message when name, type and value are taken out of it. */
function restOf(proto: AttributeProto, field: keyof AttributeProto): AttributeProto {
  proto.name = undefined;
  proto.docString = undefined;
  proto.type = undefined;
  proto.refAttrName = undefined;
  proto[field] = undefined;
  return proto;
}

const NONE: readonly never[] = Object.freeze([]);

/** An absent number or string is its default, as protobuf has it. */
function readValue(name: string, proto: AttributeProto, kind: AttributeValue['kind']): Attribute {
  switch (kind) {
    case 'float':
      return { name, kind, value: proto.f ?? 0 };
    case 'int':
      return { name, kind, value: proto.i ?? 0n };
    case 'string':
      return { name, kind, value: proto.s ?? new Uint8Array(0) };
    case 'tensor':
      return { name, kind, value: readTensor(present(proto.t, proto)) };
    case 'graph':
      return { name, kind, value: readGraph(present(proto.g, proto)) };
    case 'sparseTensor':
      return { name, kind, value: readSparseTensor(present(proto.sparseTensor, proto)) };
    case 'type':
      return { name, kind, value: readType(proto.tp) };
    case 'floats':
      return { name, kind, value: proto.floats ?? NONE };
    case 'ints':
      return { name, kind, value: proto.ints ?? NONE };
    case 'strings':
      return { name, kind, value: proto.strings ?? NONE };
    case 'tensors':
      return { name, kind, value: proto.tensors?.map(readTensor) ?? NONE };
    case 'graphs':
      return { name, kind, value: proto.graphs?.map(readGraph) ?? NONE };
    case 'sparseTensors':
      return { name, kind, value: proto.sparseTensors?.map(readSparseTensor) ?? NONE };
    case 'types':
      return { name, kind, value: proto.typeProtos?.map(readType) ?? NONE };
  }
}

function present<T>(value: T | undefined, { name }: AttributeProto): T {
  if (value === undefined) throw badInput(`attribute '${excerpt(name ?? '')}' has no value`);
  return value;
}
