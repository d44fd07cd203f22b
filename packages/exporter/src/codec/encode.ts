/**
 * Model → bytes, as a sequence of parts: the small messages encoded, and between them the weights as they lie in
 * memory or as the caller produces them. Every length is known before the first byte, so a writer can pass the parts
 * on one by one, and no copy of the weights is ever made here.
 */
import protobuf from 'protobufjs/minimal.js';
import { RheobaseError } from '../errors.js';
import { writeGraphProto, writeModelProto, writeTensorProto } from '../generated/onnx-proto.js';
import type { Graph, Initializer, Model } from '../model/model.js';
import { functionProto, graphProtoWithoutInitializers } from './to-proto/graph.js';
import { extraFields, listOrNothing, metadataProto, opsetsProto, textOrNothing } from './to-proto/rest.js';
import { checkStream, elementBytes, type StreamContent, tensorHead, tensorProto } from './to-proto/tensor.js';

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
  const head = new protobuf.Writer();
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
  const tail = writeModelProto(new protobuf.Writer(), {
    opsetImport: opsetsProto(model.opsets),
    metadataProps: metadataProto(model.metadata),
    functions: listOrNothing(model.functions.map(functionProto)),
    unknown: extraFields(model.extra),
  });
  const parts = [head.uint32(tag(7)).uint32(graphLength).finish(), ...graph, tail.finish()];
  const total = lengthOf(parts);
  if (total > MAX_BYTES) throw tooLarge(total);
  return parts;
}

function graphParts(graph: Graph): ModelPart[] {
  const { node, name, ...rest } = graphProtoWithoutInitializers(graph);
  return [
    writeGraphProto(new protobuf.Writer(), { node, name }).finish(),
    ...graph.initializers.flatMap(initializerParts),
    writeGraphProto(new protobuf.Writer(), rest).finish(),
  ];
}

/** Below this many bytes a copy is cheaper than a part of its own. */
const SMALL = 4096;

function initializerParts(initializer: Initializer): ModelPart[] {
  const elements = elementsPart(initializer);
  if (elements === undefined || (partLength(elements) < SMALL && elements instanceof Uint8Array)) {
    const writer = new protobuf.Writer().uint32(tag(5)).fork();
    return [writeTensorProto(writer, tensorProto(initializer)).ldelim().finish()];
  }
  const { dims, dataType, name, ...rest } = tensorHead(initializer);
  const before = writeTensorProto(new protobuf.Writer(), { dims, dataType, name });
  const opening = before.uint32(tag(9)).uint32(partLength(elements)).finish();
  const after = writeTensorProto(new protobuf.Writer(), rest).finish();
  const length = opening.length + partLength(elements) + after.length;
  if (length > MAX_BYTES) throw tooLarge(length, initializer.name);
  return [new protobuf.Writer().uint32(tag(5)).uint32(length).finish(), opening, elements, after];
}

/** The raw elements as a part, undefined where the tensor has none (strings, external data). */
function elementsPart(initializer: Initializer): ModelPart | undefined {
  const { content, name, dtype } = initializer;
  if (content.kind === 'stream') {
    checkStream(initializer, content);
    return { name, content };
  }
  if (content.kind === 'external' || dtype === 'string') return undefined;
  return elementBytes(initializer);
}

function partLength(part: ModelPart): number {
  return part instanceof Uint8Array ? part.length : part.content.byteLength;
}

function tag(field: number): number {
  return field * 8 + 2;
}

function* synchronousChunks({ name, content }: StreamedPart): Iterable<Uint8Array> {
  const chunks = content.chunks();
  const where = `tensor '${name}'`;
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

/** @throws RheobaseError `bad-input` where a stream gave another number of bytes than it announced. */
export function checkStreamLength(length: number, { byteLength }: StreamContent, where: string): void {
  if (length === byteLength) return;
  const given = length > byteLength ? 'more' : `only ${length}`;
  throw new RheobaseError('bad-input', `its stream announced ${byteLength} bytes and gave ${given}`, { where });
}

function tooLarge(bytes: number, name?: string): RheobaseError {
  return new RheobaseError('unsupported', `${bytes} bytes are more than the 2 GiB of a protobuf message`, {
    ...(name === undefined ? {} : { where: `tensor '${name}'` }),
    remedy: 'keep the weights as external data',
  });
}
