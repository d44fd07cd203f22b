/**
 * A model to its file, and its weights into the file or into files beside it. Everything is written under temporary
 * names first; the final names are given at the end, weights before the model, so that a failure leaves what was
 * there. Weights pass through in pieces, wherever they come from: memory, the file of the model that was read, or a
 * callback.
 */

import { lstatSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { checkStreamLength } from '../codec/element-bytes.js';
import { type ModelPart, modelParts, type StreamedPart } from '../codec/encode.js';
import { tensorPlace } from '../codec/excerpt.js';
import { badInput } from '../errors.js';
import type { Initializer, Model } from '../model/model.js';
import { confinedPath } from './external-file.js';
import type { ExternalDataOptions, Placed } from './external-layout.js';
import { PendingFile } from './pending-file.js';
import { elementsOf, placeTensors } from './placement.js';

export interface WriteModelOptions {
  /**
   * Which weights go into files beside the model. Left out: those that were there when the model was read, which stay
   * in their files where the model stays in its folder; and, where the weights inside the model pass 2 GB, all from
   * 1024 bytes on, because a model file cannot hold them. False: none.
   */
  readonly externalData?: ExternalDataOptions | false;
}

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Writes a model in ONNX's protobuf form.
 * @returns the files written, the model first.
 * @throws RheobaseError `bad-input` where a file cannot be written or a callback gives another number of bytes than it
 *   announced; `unsupported` where the model file would pass 2 GiB. Then the files are as they were.
 */
export async function writeModelFile(
  path: string,
  model: Model,
  { externalData }: WriteModelOptions = {},
): Promise<WrittenFile[]> {
  const folder = dirname(resolve(path));
  const placed = placeTensors(model, folder, basename(path), externalData);
  const parts = modelParts(placed.model);
  const files: PendingFile[] = [];
  try {
    const modelFile = PendingFile.open(path);
    files.push(modelFile);
    for (const [location, payloads] of byLocation(placed.payloads)) {
      const file = PendingFile.open(externalPath(folder, location));
      files.push(file);
      await writePayloads(file, payloads);
    }
    for (const part of parts) await writePart(modelFile, part);
    for (const file of files) file.close();
    for (const file of files.toReversed()) file.commit();
    return files.map((file) => ({ path: file.path, bytes: file.length }));
  } finally {
    for (const file of files) file.discard();
  }
}

function byLocation(payloads: readonly Placed<Initializer>[]): Map<string, Placed<Initializer>[]> {
  const groups = new Map<string, Placed<Initializer>[]>();
  for (const payload of payloads) {
    const group = groups.get(payload.location);
    if (group === undefined) groups.set(payload.location, [payload]);
    else group.push(payload);
  }
  return groups;
}

/** Neither a folder on the way nor a file to be replaced may be a link out of the model's folder. */
function externalPath(folder: string, location: string): string {
  const path = join(folder, location);
  const parent = dirname(location);
  if (parent !== '.') confinedPath(folder, parent);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) confinedPath(folder, location);
  return path;
}

async function writePayloads(file: PendingFile, payloads: readonly Placed<Initializer>[]): Promise<void> {
  for (const { item, offset } of payloads) {
    await file.write(new Uint8Array(offset - file.length));
    await writePart(file, elementsOf(item));
  }
}

async function writePart(file: PendingFile, part: ModelPart): Promise<void> {
  if (part instanceof Uint8Array) await file.write(part);
  else await writeStream(file, part);
}

async function writeStream(file: PendingFile, { name, content }: StreamedPart): Promise<void> {
  const where = tensorPlace(name);
  const start = file.length;
  const append = (chunk: Uint8Array): void => {
    if (!(chunk instanceof Uint8Array)) throw badInput('its stream gave something other than bytes', { where });
    const length = file.length + chunk.length - start;
    if (length > content.byteLength) checkStreamLength(length, content, where);
    file.append(chunk);
  };
  const chunks = content.chunks();
  if (Symbol.iterator in chunks) {
    // `for await` would do for both, but waits for every chunk, though it be there.
    for (const chunk of chunks) {
      append(chunk);
      if (file.pauseDue) await file.pause();
    }
  } else {
    for await (const chunk of chunks) append(chunk);
  }
  checkStreamLength(file.length - start, content, where);
}
