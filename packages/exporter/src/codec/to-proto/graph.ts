/** The representation → GraphProto, NodeProto, AttributeProto, ValueInfoProto, FunctionProto. */
import {
  type AttributeProto,
  blankAttributeProto,
  blankGraphProto,
  blankNodeProto,
  blankValueInfoProto,
  type FunctionProto,
  type GraphProto,
  type NodeProto,
  type ValueInfoProto,
} from '../../generated/onnx-proto.js';
import type { Attribute, Graph, LocalFunction, Node, ValueInfo, ValueType } from '../../model/model.js';
import { attributeType } from '../attribute-fields.js';
import { extraFields, listField, metadataProto, opsetsProto, textOrNothing } from './rest.js';
import { sparseTensorProto, tensorProto } from './tensor.js';
import { typeProto } from './type.js';

export function graphProto(graph: Graph): GraphProto {
  const proto = graphRest(graph);
  proto.node = graph.nodes.map(nodeProto);
  proto.initializer = graph.initializers.map(tensorProto);
  proto.name = textOrNothing(graph.name);
  return proto;
}

/** The graph but for name, nodes and initializers, which a model's main graph writes one by one. */
export function graphRest(graph: Graph): GraphProto {
  const proto = blankGraphProto();
  proto.docString = textOrNothing(graph.docString);
  proto.input = graph.inputs.map(valueInfoProto);
  proto.output = graph.outputs.map(valueInfoProto);
  proto.valueInfo = graph.valueInfo.map(valueInfoProto);
  proto.sparseInitializer = graph.sparseInitializers.map(sparseTensorProto);
  proto.metadataProps = metadataProto(graph.metadata);
  proto.unknown = extraFields(graph.extra);
  return proto;
}

export function nodeProto(node: Node): NodeProto {
  const proto = blankNodeProto();
  proto.input = listField(node.inputs);
  proto.output = listField(node.outputs);
  proto.name = textOrNothing(node.name);
  proto.opType = node.opType;
  proto.attribute = node.attributes.map(attributeProto);
  proto.docString = textOrNothing(node.docString);
  proto.domain = textOrNothing(node.domain);
  proto.overload = textOrNothing(node.overload);
  proto.metadataProps = metadataProto(node.metadata);
  proto.unknown = extraFields(node.extra);
  return proto;
}

export function attributeProto(attribute: Attribute): AttributeProto {
  const proto = blankAttributeProto();
  proto.name = attribute.name;
  proto.docString = attribute.docString;
  proto.unknown = extraFields(attribute.extra);
  if (attribute.kind === 'reference') {
    proto.refAttrName = attribute.refName;
    proto.type = attributeType(attribute.type);
  } else {
    setValue(proto, attribute);
    proto.type = attributeType(attribute.kind);
  }
  return proto;
}

function setValue(proto: AttributeProto, attribute: Exclude<Attribute, { kind: 'reference' }>): void {
  switch (attribute.kind) {
    case 'float':
      proto.f = attribute.value;
      break;
    case 'int':
      proto.i = attribute.value;
      break;
    case 'string':
      proto.s = attribute.value;
      break;
    case 'tensor':
      proto.t = tensorProto(attribute.value);
      break;
    case 'graph':
      proto.g = graphProto(attribute.value);
      break;
    case 'sparseTensor':
      proto.sparseTensor = sparseTensorProto(attribute.value);
      break;
    case 'type':
      proto.tp = typeProto(attribute.value);
      break;
    case 'floats':
      proto.floats = listField(attribute.value);
      break;
    case 'ints':
      proto.ints = listField(attribute.value);
      break;
    case 'strings':
      proto.strings = listField(attribute.value);
      break;
    case 'tensors':
      proto.tensors = attribute.value.map(tensorProto);
      break;
    case 'graphs':
      proto.graphs = attribute.value.map(graphProto);
      break;
    case 'sparseTensors':
      proto.sparseTensors = attribute.value.map(sparseTensorProto);
      break;
    case 'types':
      proto.typeProtos = attribute.value.map((type: ValueType) => typeProto(type) ?? {});
      break;
  }
}

export function valueInfoProto({ name, type, docString, metadata, extra }: ValueInfo): ValueInfoProto {
  const proto = blankValueInfoProto();
  proto.name = name;
  proto.type = typeProto(type);
  proto.docString = textOrNothing(docString);
  proto.metadataProps = metadataProto(metadata);
  proto.unknown = extraFields(extra);
  return proto;
}

export function functionProto(fn: LocalFunction): FunctionProto {
  return {
    name: fn.name,
    input: listField(fn.inputs),
    output: listField(fn.outputs),
    attribute: listField(fn.attributeNames),
    node: fn.nodes.map(nodeProto),
    docString: textOrNothing(fn.docString),
    opsetImport: opsetsProto(fn.opsets),
    domain: fn.domain,
    attributeProto: fn.attributeDefaults.map(attributeProto),
    valueInfo: fn.valueInfo.map(valueInfoProto),
    overload: textOrNothing(fn.overload),
    metadataProps: metadataProto(fn.metadata),
    unknown: extraFields(fn.extra),
  };
}
