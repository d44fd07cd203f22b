/** A model from its file, its external weights left where they are until somebody asks for them. */

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { decodeModel } from '../codec/decode.js';
import { tensorPlace } from '../codec/excerpt.js';
import { badInput, RheobaseError } from '../errors.js';
import type { ExternalSource, Model } from '../model/model.js';
import { allTensors } from '../model/queries.js';
import { ExternalElements } from './external-elements.js';
import { ExternalFile } from './external-file.js';
import { fileError } from './file-errors.js';

/** The limit of a protobuf message, and so of a model's file. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Opens an ONNX model. Inline weights are views of the file's bytes. External ones are only looked for: their files
 * must be below the model's folder and long enough; `tensorOf` reads them, each when it is asked for.
 * @throws RheobaseError `bad-input`, naming the file, where it or its external data is missing, unreadable, damaged or
 *   no ONNX model.
 */
export async function readModelFile(path: string): Promise<Model> {
  const bytes = readBytes(path);
  try {
    return addSources(decodeModel(bytes), dirname(path));
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(path) : error;
  }
}

function readBytes(path: string): Uint8Array {
  let descriptor: number | undefined;
  try {
    // Looked at before it is opened: opening a pipe would wait for its other end.
    const stats = statSync(path);
    if (stats.isDirectory()) throw badInput('is a folder', { where: path, remedy: 'name the model file in it' });
    if (!stats.isFile()) throw badInput('is no regular file', { where: path });
    if (stats.size === 0) throw badInput('is empty', { where: path, remedy: 'copy or download the file again' });
    if (stats.size > MAX_BYTES) {
      throw badInput(`not an ONNX model: ${stats.size} bytes are more than the 2 GiB that one can have`, {
        where: path,
        remedy: 'name the model rather than its external data',
      });
    }
    descriptor = openSync(path, 'r');
    return readAll(descriptor, stats.size);
  } catch (error) {
    throw fileError(error, path, 'read');
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The file's first `size` bytes, or those it has where it has become shorter. */
function readAll(descriptor: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let done = 0;
  while (done < size) {
    const read = readSync(descriptor, bytes, done, Math.min(size - done, 2 ** 30), done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}

/** The model is fresh from its bytes and nobody else's yet, so its contents are completed in place. */
function addSources(model: Model, folder: string): Model {
  const files = new Map<string, ExternalFile>();
  for (const tensor of allTensors(model)) {
    const { content } = tensor;
    if (content.kind !== 'external') continue;
    try {
      const file = files.get(content.location) ?? ExternalFile.find(folder, content.location);
      files.set(content.location, file);
      const completed: { source?: ExternalSource } = content;
      completed.source = ExternalElements.in(file, tensor, content, folder);
    } catch (error) {
      throw error instanceof RheobaseError ? error.within(tensorPlace(tensor.name)) : error;
    }
  }
  return model;
}
