/** GraphProto, NodeProto, ValueInfoProto, FunctionProto → the representation. */

import { badInput, RheobaseError } from '../../errors.js';
import {
  type FunctionProto,
  type GraphProto,
  type NodeProto,
  type OperatorSetIdProto,
  type ValueInfoProto,
  writeFunctionProto,
  writeGraphProto,
  writeNodeProto,
  writeValueInfoProto,
} from '../../generated/onnx-proto.js';
import type { Graph, LocalFunction, Node, ValueInfo } from '../../model/model.js';
import { excerpt } from '../excerpt.js';
import { readAttribute } from './attribute.js';
import { readMetadata, withExtra } from './rest.js';
import { readSparseTensor, readTensor } from './tensor.js';
import { readType } from './type.js';

const NONE: readonly never[] = Object.freeze([]);

export function readGraph(proto: GraphProto): Graph {
  const { metadata, rest: metadataProps } = readMetadata(proto.metadataProps);
  const { quantizationAnnotation, unknown } = proto;
  return withExtra(
    {
      name: proto.name ?? '',
      docString: proto.docString ?? '',
      inputs: proto.input?.map(readValueInfo) ?? NONE,
      outputs: proto.output?.map(readValueInfo) ?? NONE,
      initializers: proto.initializer?.map(readTensor) ?? NONE,
      sparseInitializers: proto.sparseInitializer?.map(readSparseTensor) ?? NONE,
      nodes: proto.node?.map(readNode) ?? NONE,
      valueInfo: proto.valueInfo?.map(readValueInfo) ?? NONE,
      metadata,
    },
    writeGraphProto,
    { quantizationAnnotation, metadataProps, unknown },
  );
}

export function readNode(proto: NodeProto): Node {
  const { metadata, rest: metadataProps } = readMetadata(proto.metadataProps);
  const { deviceConfigurations, unknown } = proto;
  const node: Node = {
    name: proto.name ?? '',
    opType: proto.opType ?? '',
    domain: readDomain(proto.domain),
    overload: proto.overload ?? '',
    inputs: proto.input ?? NONE,
    outputs: proto.output ?? NONE,
    attributes: readAttributes(proto),
    docString: proto.docString ?? '',
    metadata,
  };
  return withExtra(node, writeNodeProto, { deviceConfigurations, metadataProps, unknown });
}

/** An error inside a subgraph is placed in each node around it. */
function readAttributes({ attribute, name, opType, output }: NodeProto): Node['attributes'] {
  if (attribute === undefined) return NONE;
  try {
    return attribute.map(readAttribute);
  } catch (error) {
    const label = name || output?.find((value) => value !== '') || '';
    throw error instanceof RheobaseError ? error.within(`node ${excerpt(label)} (${excerpt(opType ?? '')})`) : error;
  }
}

/** `ai.onnx` is another way to write the default domain. */
export function readDomain(domain: string | undefined): string {
  return domain === undefined || domain === 'ai.onnx' ? '' : domain;
}

export function readOpsets(entries: readonly OperatorSetIdProto[] | undefined): Record<string, number> {
  const opsets = new Map<string, number>();
  for (const { domain, version, unknown } of entries ?? []) {
    const key = readDomain(domain);
    const known = opsets.get(key);
    if (unknown !== undefined)
      throw badInput(`the opset import of '${excerpt(key)}' has fields of a later version of ONNX`);
    if (known !== undefined && known !== (version ?? 0)) {
      throw badInput(`two opset imports of the domain '${excerpt(key) || 'ai.onnx'}': ${known} and ${version ?? 0}`);
    }
    opsets.set(key, version ?? 0);
  }
  return Object.fromEntries(opsets);
}

export function readValueInfo(proto: ValueInfoProto): ValueInfo {
  const { metadata, rest: metadataProps } = readMetadata(proto.metadataProps);
  return withExtra(
    {
      name: proto.name ?? '',
      type: readType(proto.type),
      docString: proto.docString ?? '',
      metadata,
    },
    writeValueInfoProto,
    { metadataProps, unknown: proto.unknown },
  );
}

export function readFunction(proto: FunctionProto): LocalFunction {
  const { metadata, rest: metadataProps } = readMetadata(proto.metadataProps);
  return withExtra(
    {
      name: proto.name ?? '',
      domain: readDomain(proto.domain),
      overload: proto.overload ?? '',
      inputs: proto.input ?? NONE,
      outputs: proto.output ?? NONE,
      attributeNames: proto.attribute ?? NONE,
      attributeDefaults: proto.attributeProto?.map(readAttribute) ?? NONE,
      nodes: proto.node?.map(readNode) ?? NONE,
      opsets: readOpsets(proto.opsetImport),
      valueInfo: proto.valueInfo?.map(readValueInfo) ?? NONE,
      docString: proto.docString ?? '',
      metadata,
    },
    writeFunctionProto,
    { metadataProps, unknown: proto.unknown },
  );
}
