/** A model as a verification sees it: where its bytes are, what is in it, and how the report calls it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { decodeModel, encodeModel, type Model, modelInfo, RheobaseError } from '@rheobase/exporter';
import { readModelFile } from '@rheobase/exporter/node';
import type { ModelSource } from '@rheobase/runtime';
import type { ModelRow } from '../report/verify-report.js';
import type { NamedModel } from './options.js';

export interface ModelUnderTest {
  readonly row: ModelRow;
  readonly source: ModelSource;
  readonly model: Model;
}

/**
 * Reads and decodes a model; `known` is its row where it has been read before, whose digest is not taken again.
 * @throws RheobaseError `bad-input` that names the file, where it cannot be read or is no ONNX model.
 */
export async function readModel(given: string | NamedModel, known?: ModelRow): Promise<ModelUnderTest> {
  const { path, source } = typeof given === 'string' ? { path: given, source: { path: given } } : given;
  const model = 'bytes' in source ? decodeNamed(path, source.bytes) : await readModelFile(source.path);
  const sha256 = known?.sha256 ?? (await digestOf(source));
  const { opset, nodes, externalLocations } = modelInfo(model);
  return {
    row: { path, sha256, opset, nodes },
    // Told also where there are none: backends would decode the model to find out.
    source: 'bytes' in source ? source : { ...source, externalLocations },
    model,
  };
}

/** A model as something to load; with `derive`, a changed version of it with the external data of the original. */
export async function sourceOf(subject: ModelUnderTest, derive?: (model: Model) => Model): Promise<ModelSource> {
  return derive === undefined ? subject.source : derivedSource(subject, derive(subject.model));
}

async function derivedSource({ source }: ModelUnderTest, model: Model): Promise<ModelSource> {
  const bytes = encodeModel(model);
  if ('bytes' in source) return { ...source, bytes };
  // Reading the model has made sure that these are files below its folder.
  const folder = dirname(source.path);
  const externalData = await Promise.all(
    (source.externalLocations ?? []).map(async (location) => ({
      location,
      bytes: await readFile(join(folder, location)),
    })),
  );
  return externalData.length === 0 ? { bytes } : { bytes, externalData };
}

function decodeNamed(path: string, bytes: Uint8Array): Model {
  try {
    return decodeModel(bytes);
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(path) : error;
  }
}

async function digestOf(source: ModelSource): Promise<string> {
  const hash = createHash('sha256');
  if ('bytes' in source) hash.update(source.bytes);
  else await pipeline(createReadStream(source.path), hash);
  return hash.digest('hex');
}
