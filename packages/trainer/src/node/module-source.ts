/** A module whose default export is the data, or a function that makes it. */
import { badInput } from '@rheobase/exporter/errors';
import { importModule, madeByModule } from '@rheobase/exporter/node';
import type { Tensor } from '@rheobase/exporter/tensor';
import { collectExamples, type Dataset, type ExampleStream, type Examples } from '../data/index.js';
import type { Source } from './source.js';

const REMEDY =
  'export default { x, y } (tensors), a Dataset, an iterable of { x, y }, { train, test } of these, or a function';

export async function readModule(path: string): Promise<Source> {
  const made = await madeByModule(path, (await importModule(path)).default);
  if (isRecord(made) && 'train' in made) {
    const test = made.test === undefined ? undefined : await split(made.test, `${path} (test)`);
    return { name: path, train: await split(await madeByModule(path, made.train), path), test };
  }
  return { name: path, train: await split(made, path) };
}

async function split(made: unknown, name: string): Promise<Examples | Dataset> {
  if (isDatasetLike(made)) return made;
  if (isRecord(made) && isTensor(made.x)) return { x: made.x, y: isTensor(made.y) ? made.y : undefined };
  if (isStream(made)) return collectExamples(made, name);
  throw badInput('its default export is no data', { where: name, remedy: REMEDY });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isDatasetLike(value: unknown): value is Dataset {
  return isRecord(value) && typeof value.read === 'function' && typeof value.count === 'number';
}

function isTensor(value: unknown): value is Tensor {
  return isRecord(value) && typeof value.dtype === 'string' && Array.isArray(value.shape) && 'data' in value;
}

function isStream(value: unknown): value is ExampleStream {
  return isRecord(value) && (Symbol.iterator in value || Symbol.asyncIterator in value);
}
