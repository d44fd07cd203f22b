/** A module whose default export is the data, or a function that makes it. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import { collectExamples, type Dataset, type ExampleStream, type Examples } from '../data/index.js';
import type { Source } from './source.js';

const REMEDY =
  'export default { x, y } (tensors), a Dataset, an iterable of { x, y }, { train, test } of these, or a function';

export async function readModule(path: string): Promise<Source> {
  const made = await madeBy(path, await defaultExport(path));
  if (isRecord(made) && 'train' in made) {
    const test = made.test === undefined ? undefined : await split(made.test, `${path} (test)`);
    return { name: path, train: await split(await called(made.train), path), test };
  }
  return { name: path, train: await split(made, path) };
}

async function defaultExport(path: string): Promise<unknown> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)).default;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw badInput(`cannot be imported: ${reason}`, { where: path, cause });
  }
}

async function madeBy(path: string, made: unknown): Promise<unknown> {
  try {
    return await called(made);
  } catch (error) {
    if (error instanceof RheobaseError) throw error.within(path);
    throw badInput(error instanceof Error ? error.message : String(error), { where: path, cause: error });
  }
}

async function called(made: unknown): Promise<unknown> {
  return typeof made === 'function' ? made() : made;
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
