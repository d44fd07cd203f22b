/** The representation → GraphProto, NodeProto, AttributeProto, ValueInfoProto, FunctionProto. */
import type {
  AttributeProto,
  FunctionProto,
  GraphProto,
  NodeProto,
  ValueInfoProto,
} from '../../generated/onnx-proto.js';
import type { Attribute, Graph, LocalFunction, Node, ValueInfo, ValueType } from '../../model/model.js';
import { attributeType } from '../attribute-fields.js';
import { extraFields, listOrNothing, metadataProto, opsetsProto, textOrNothing } from './rest.js';
import { sparseTensorProto, tensorProto } from './tensor.js';
import { typeProto } from './type.js';

export function graphProto(graph: Graph): GraphProto {
  return { ...graphProtoWithoutInitializers(graph), initializer: listOrNothing(graph.initializers.map(tensorProto)) };
}

/** The graph but for its initializers, which a model's main graph writes one by one. */
export function graphProtoWithoutInitializers(graph: Graph): GraphProto {
  return {
    node: listOrNothing(graph.nodes.map(nodeProto)),
    name: textOrNothing(graph.name),
    docString: textOrNothing(graph.docString),
    input: listOrNothing(graph.inputs.map(valueInfoProto)),
    output: listOrNothing(graph.outputs.map(valueInfoProto)),
    valueInfo: listOrNothing(graph.valueInfo.map(valueInfoProto)),
    sparseInitializer: listOrNothing(graph.sparseInitializers.map(sparseTensorProto)),
    metadataProps: metadataProto(graph.metadata),
    unknown: extraFields(graph.extra),
  };
}

export function nodeProto(node: Node): NodeProto {
  return {
    input: listOrNothing(node.inputs),
    output: listOrNothing(node.outputs),
    name: textOrNothing(node.name),
    opType: node.opType,
    attribute: listOrNothing(node.attributes.map(attributeProto)),
    docString: textOrNothing(node.docString),
    domain: textOrNothing(node.domain),
    overload: textOrNothing(node.overload),
    metadataProps: metadataProto(node.metadata),
    unknown: extraFields(node.extra),
  };
}

export function attributeProto(attribute: Attribute): AttributeProto {
  const common = {
    name: attribute.name,
    docString: attribute.docString,
    unknown: extraFields(attribute.extra),
  };
  if (attribute.kind === 'reference') {
    return { ...common, refAttrName: attribute.refName, type: attributeType(attribute.type) };
  }
  return { ...common, ...valueFields(attribute), type: attributeType(attribute.kind) };
}

function valueFields(attribute: Exclude<Attribute, { kind: 'reference' }>): AttributeProto {
  switch (attribute.kind) {
    case 'float':
      return { f: attribute.value };
    case 'int':
      return { i: attribute.value };
    case 'string':
      return { s: attribute.value };
    case 'tensor':
      return { t: tensorProto(attribute.value) };
    case 'graph':
      return { g: graphProto(attribute.value) };
    case 'sparseTensor':
      return { sparseTensor: sparseTensorProto(attribute.value) };
    case 'type':
      return { tp: typeProto(attribute.value) };
    case 'floats':
      return { floats: [...attribute.value] };
    case 'ints':
      return { ints: [...attribute.value] };
    case 'strings':
      return { strings: [...attribute.value] };
    case 'tensors':
      return { tensors: attribute.value.map(tensorProto) };
    case 'graphs':
      return { graphs: attribute.value.map(graphProto) };
    case 'sparseTensors':
      return { sparseTensors: attribute.value.map(sparseTensorProto) };
    case 'types':
      return { typeProtos: attribute.value.map((type: ValueType) => typeProto(type) ?? {}) };
  }
}

export function valueInfoProto({ name, type, docString, metadata, extra }: ValueInfo): ValueInfoProto {
  return {
    name,
    type: typeProto(type),
    docString: textOrNothing(docString),
    metadataProps: metadataProto(metadata),
    unknown: extraFields(extra),
  };
}

export function functionProto(fn: LocalFunction): FunctionProto {
  return {
    name: fn.name,
    input: listOrNothing(fn.inputs),
    output: listOrNothing(fn.outputs),
    attribute: listOrNothing(fn.attributeNames),
    node: listOrNothing(fn.nodes.map(nodeProto)),
    docString: textOrNothing(fn.docString),
    opsetImport: opsetsProto(fn.opsets),
    domain: fn.domain,
    attributeProto: listOrNothing(fn.attributeDefaults.map(attributeProto)),
    valueInfo: listOrNothing(fn.valueInfo.map(valueInfoProto)),
    overload: textOrNothing(fn.overload),
    metadataProps: metadataProto(fn.metadata),
    unknown: extraFields(fn.extra),
  };
}
