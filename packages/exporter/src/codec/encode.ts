/**
 * Model → bytes, as a sequence of parts: the small messages encoded, and between them the weights as they lie in
 * memory or as the caller produces them. Every length is known before the first byte, so a writer can pass the parts
 * on one by one, and no copy of the weights is ever made here.
 */

import protobuf from 'protobufjs/minimal.js';
import { RheobaseError } from '../errors.js';
import { writeGraphProto, writeModelProto, writeNodeProto, writeTensorProto } from '../generated/onnx-proto.js';
import type { Graph, Initializer, Model } from '../model/model.js';
import { checkStream, checkStreamLength, type StreamContent } from './element-bytes.js';
import { tensorPlace } from './excerpt.js';
import { functionProto, graphRest, nodeProto } from './to-proto/graph.js';
import { extraFields, metadataProto, opsetsProto, textOrNothing } from './to-proto/rest.js';
import { elementBytes, tensorHead, tensorProto } from './to-proto/tensor.js';

/** A run of a model's bytes: in memory, or still to come from the caller. */
export type ModelPart = Uint8Array | StreamedPart;

export interface StreamedPart {
  /** Of the tensor. */
  readonly name: string;
  readonly content: StreamContent;
}

/** The limit of a protobuf message. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * The bytes of a model, in one array.
 * @throws RheobaseError `unsupported` beyond 2 GiB, and where elements come from an asynchronous stream.
 */
export function encodeModel(model: Model): Uint8Array {
  const parts = modelParts(model);
  const bytes = new Uint8Array(lengthOf(parts));
  let position = 0;
  for (const part of parts) {
    for (const chunk of part instanceof Uint8Array ? [part] : synchronousChunks(part)) {
      bytes.set(chunk, position);
      position += chunk.length;
    }
  }
  return bytes;
}

/** Bytes of all parts together. */
export function lengthOf(parts: readonly ModelPart[]): number {
  return parts.reduce((sum, part) => sum + partLength(part), 0);
}

/**
 * The model as parts in file order. The bytes of a streamed part are `content.byteLength` long.
 * @throws RheobaseError `unsupported` where the whole would pass protobuf's limit of 2 GiB.
 */
export function modelParts(model: Model): ModelPart[] {
  const { irVersion, producerName, producerVersion, domain, modelVersion, docString } = model;
  const head = protobuf.Writer.create();
  writeModelProto(head, {
    irVersion,
    producerName: textOrNothing(producerName),
    producerVersion: textOrNothing(producerVersion),
    domain: textOrNothing(domain),
    modelVersion: modelVersion === 0n ? undefined : modelVersion,
    docString: textOrNothing(docString),
  });
  const graph = graphParts(model.graph);
  const graphLength = lengthOf(graph);
  if (graphLength > MAX_BYTES) throw tooLarge(graphLength);
  const tail = writeModelProto(protobuf.Writer.create(), {
    opsetImport: opsetsProto(model.opsets),
    metadataProps: metadataProto(model.metadata),
    functions: model.functions.map(functionProto),
    unknown: extraFields(model.extra),
  });
  const parts = [head.uint32(tag(7)).uint32(graphLength).finish(), ...graph, tail.finish()];
  const total = lengthOf(parts);
  if (total > MAX_BYTES) throw tooLarge(total);
  return parts;
}

/** Nodes and initializers are written one by one, so that the messages made for them need not live at once. */
function graphParts(graph: Graph): ModelPart[] {
  const parts: ModelPart[] = [];
  let writer = protobuf.Writer.create();
  for (const node of graph.nodes) writeNodeProto(writer.uint32(tag(1)).fork(), nodeProto(node)).ldelim();
  writeGraphProto(writer, { name: textOrNothing(graph.name) });
  for (const initializer of graph.initializers) {
    const elements = largeElements(initializer);
    if (elements === undefined) {
      writeTensorProto(writer.uint32(tag(5)).fork(), tensorProto(initializer)).ldelim();
    } else {
      const after = openTensor(writer, initializer, partLength(elements));
      parts.push(writer.finish(), elements);
      writer = protobuf.Writer.create().raw(after);
    }
  }
  writeGraphProto(writer, graphRest(graph));
  parts.push(writer.finish());
  return parts;
}

/** Writes a tensor up to where its elements are to come, and returns what comes after them. */
function openTensor(writer: protobuf.Writer, initializer: Initializer, elementBytes: number): Uint8Array {
  const { dims, dataType, name, ...rest } = tensorHead(initializer);
  const opening = writeTensorProto(protobuf.Writer.create(), { dims, dataType, name });
  const before = opening.uint32(tag(9)).uint32(elementBytes).finish();
  const after = writeTensorProto(protobuf.Writer.create(), rest).finish();
  const length = before.length + elementBytes + after.length;
  if (length > MAX_BYTES) throw tooLarge(length, initializer.name);
  writer.uint32(tag(5)).uint32(length).raw(before);
  return after;
}

/** Below this many bytes a copy is cheaper than a part of its own. */
const SMALL = 4096;

/** Elements to be written as a part of their own, undefined where they are few, strings, or elsewhere. */
function largeElements(initializer: Initializer): ModelPart | undefined {
  const { content, name, dtype } = initializer;
  if (content.kind === 'stream') {
    checkStream(initializer, content);
    return { name, content };
  }
  if (content.kind === 'external' || dtype === 'string') return undefined;
  const elements = elementBytes(initializer);
  return elements.length < SMALL ? undefined : elements;
}

function partLength(part: ModelPart): number {
  return part instanceof Uint8Array ? part.length : part.content.byteLength;
}

function tag(field: number): number {
  return field * 8 + 2; // length-delimited
}

function* synchronousChunks({ name, content }: StreamedPart): Iterable<Uint8Array> {
  const chunks = content.chunks();
  const where = tensorPlace(name);
  if (!(Symbol.iterator in chunks)) {
    throw new RheobaseError('unsupported', 'elements that come asynchronously', { where, remedy: 'write to a file' });
  }
  let length = 0;
  for (const chunk of chunks) {
    length += chunk.length;
    if (length > content.byteLength) break;
    yield chunk;
  }
  checkStreamLength(length, content, where);
}

function tooLarge(bytes: number, name?: string): RheobaseError {
  return new RheobaseError('unsupported', `${bytes} bytes are more than the 2 GiB of a protobuf message`, {
    ...(name === undefined ? {} : { where: tensorPlace(name) }),
    remedy: 'keep the weights as external data',
  });
}
