/** Decides for every tensor of a model whether it is written into the model or beside it, and says where exactly. */

import { realpathSync } from 'node:fs';
import { checkStream, elementByteLength } from '../codec/element-bytes.js';
import type { ModelPart } from '../codec/encode.js';
import { excerpt, tensorPlace } from '../codec/excerpt.js';
import { elementBytes } from '../codec/to-proto/tensor.js';
import { badInput } from '../errors.js';
import { mapTensors } from '../model/map-tensors.js';
import type { Initializer, InitializerContent, Model } from '../model/model.js';
import { allTensors } from '../model/queries.js';
import { type ExternalDataOptions, layOut, type Placed, SHARD_BYTES, THRESHOLD } from './external-layout.js';

export interface PlacedModel {
  /** The model as it is to be encoded: what goes outside refers to its place there. */
  readonly model: Model;
  /** What goes outside, file by file, in order of offset. */
  readonly payloads: readonly Placed<Initializer>[];
}

/**
 * @param folder where the model is to be written; elements that lie in files there already can stay in them.
 * @param externalData as in `WriteModelOptions`.
 */
export function placeTensors(
  model: Model,
  folder: string,
  modelName: string,
  externalData: ExternalDataOptions | false | undefined,
): PlacedModel {
  const tensors = [...new Set(allTensors(model))];
  const goesOutside = outsideRule(tensors, folder, externalData);
  const outside = tensors.filter(goesOutside).map((item) => ({ item, length: byteLengthOf(item) }));
  const payloads = outside.length === 0 ? [] : layOut(outside, externalData || {}, modelName);
  refuseOverwriting(tensors, payloads);
  const places = new Map(payloads.map((payload) => [payload.item, payload]));
  const moved = mapTensors(model, (tensor, main) => {
    const place = places.get(tensor);
    if (place !== undefined) return { ...tensor, content: externalContent(place) };
    return externalData === undefined ? tensor : inside(tensor, main);
  });
  return { model: moved, payloads };
}

/** The elements of a tensor as a run of bytes to write. */
export function elementsOf(tensor: Initializer): ModelPart {
  const { name, content } = tensor;
  if (content.kind === 'stream') return { name, content };
  const source = content.kind === 'external' ? content.source : undefined;
  if (source === undefined) return elementBytes(tensor);
  return { name, content: { kind: 'stream', byteLength: byteLengthOf(tensor), chunks: () => source.chunks() } };
}

function outsideRule(
  tensors: readonly Initializer[],
  folder: string,
  externalData: ExternalDataOptions | false | undefined,
): (tensor: Initializer) => boolean {
  if (externalData === false) return () => false;
  if (externalData !== undefined || tooLargeForOneFile(tensors)) {
    const threshold = externalData?.threshold ?? THRESHOLD;
    return (tensor) => isMovable(tensor) && byteLengthOf(tensor) >= threshold;
  }
  return ({ content }) =>
    content.kind === 'external' && content.source !== undefined && !sameFolder(content.source.folder, folder);
}

function tooLargeForOneFile(tensors: readonly Initializer[]): boolean {
  const inside = tensors.filter((tensor) => tensor.content.kind !== 'external' && isMovable(tensor));
  return inside.reduce((sum, tensor) => sum + byteLengthOf(tensor), 0) > SHARD_BYTES;
}

/** Strings have no external form, and what a model that came as bytes keeps elsewhere cannot be read. */
function isMovable({ dtype, content }: Initializer): boolean {
  return dtype !== 'string' && (content.kind !== 'external' || content.source !== undefined);
}

function byteLengthOf(tensor: Initializer): number {
  if (tensor.dtype === 'string') throw badInput('strings cannot be external data', { where: tensorPlace(tensor.name) });
  if (tensor.content.kind === 'stream') checkStream(tensor, tensor.content);
  return elementByteLength(tensor.dtype, tensor.shape);
}

function externalContent({ location, offset, length }: Placed<Initializer>): InitializerContent {
  return { kind: 'external', location, offset, length };
}

/** Elements that were outside and are to be inside; nested tensors have no streamed form. */
function inside(tensor: Initializer, main: boolean): Initializer {
  const { content } = tensor;
  if (content.kind !== 'external' || content.source === undefined) return tensor;
  const part = elementsOf(tensor);
  if (main && !(part instanceof Uint8Array)) return { ...tensor, content: part.content };
  const { source } = content;
  return { ...tensor, content: { kind: 'inline', data: () => source.data() } };
}

/** A file that the model goes on referring to must not be replaced by another one. */
function refuseOverwriting(tensors: readonly Initializer[], payloads: readonly Placed<Initializer>[]): void {
  const moved = new Set(payloads.map(({ item }) => item));
  const written = new Set(payloads.map(({ location }) => location));
  for (const tensor of tensors) {
    const { content, name } = tensor;
    if (content.kind !== 'external' || moved.has(tensor) || !written.has(content.location)) continue;
    throw badInput(`its external data lie in '${excerpt(content.location)}', which would be overwritten`, {
      where: tensorPlace(name),
      remedy: 'choose another location',
    });
  }
}

function sameFolder(one: string, other: string): boolean {
  try {
    return realpathSync.native(one) === realpathSync.native(other);
  } catch {
    return false;
  }
}
