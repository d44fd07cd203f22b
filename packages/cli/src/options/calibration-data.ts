/** Samples to choose thresholds on: tensors by the names of a model's inputs, or whatever data `train` takes. */
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { badInput, type Model, modelInfo, type Tensor } from '@rheobase/exporter';
import type { Feeds } from '@rheobase/runtime';
import { readCases, readTensorFile, readTensorsFile } from '@rheobase/runtime/files';
import { readIdx } from '@rheobase/trainer';
import { calibrationExamples, type DataArguments } from './data.js';

export interface CalibrationData {
  readonly feeds: Feeds;
  readonly labels?: ArrayLike<number | bigint>;
}

/**
 * At most `limit` samples, with labels where there are any.
 * @throws RheobaseError `bad-input` where data cannot be read or is none for this model.
 */
export async function calibrationData(model: Model, args: DataArguments, limit: number): Promise<CalibrationData> {
  const { inputs } = modelInfo(model);
  const byName = await tensorsByName(model, args.data);
  if (byName !== undefined) {
    const feeds = Object.fromEntries(
      inputs.map(({ name, dtype }) => [name, leading(inSinglePrecision(byName[name] as Tensor, dtype), limit)]),
    );
    const labels = await labelsFor(args, byName, new Set(Object.keys(feeds)));
    return labels === undefined ? { feeds } : { feeds, labels: limited(labels, limit) };
  }
  const [only] = inputs;
  if (only === undefined || inputs.length > 1) {
    throw badInput(`the model has the inputs ${inputs.map(({ name }) => name).join(', ')}, the data is for one`, {
      where: '--data',
      remedy: 'give an .npz with a key for each input',
    });
  }
  const { x, y } = await calibrationExamples(args, only.shape?.slice(1) ?? [null], limit);
  const feeds = { [only.name]: x };
  return y === undefined ? { feeds } : { feeds, labels: classesOf(y) };
}

/** What an archive or folder holds for every input of the model by its name; undefined where it is of another kind. */
async function tensorsByName(model: Model, path: string): Promise<Readonly<Record<string, Tensor>> | undefined> {
  const names = modelInfo(model).inputs.map(({ name }) => name);
  if (!existsSync(path)) return undefined;
  if (extname(path) === '.npz') {
    const tensors = await readTensorsFile(path);
    return names.every((name) => name in tensors) ? tensors : undefined;
  }
  if (['.npy', '.pb'].includes(extname(path)) && names.length === 1)
    return { [names[0] ?? '']: await readTensorFile(path) };
  if (
    !statSync(path).isDirectory() ||
    !names.some((name) => existsSync(`${path}/${name}.npy`) || existsSync(`${path}/${name}.pb`))
  )
    return undefined;
  const cases = await readCases(path);
  for (const { feeds } of cases(model)) return feeds;
  return undefined;
}

/** From the file of labels, or from a key of the archive that is named like labels and is no input. */
async function labelsFor(
  { labels }: DataArguments,
  tensors: Readonly<Record<string, Tensor>>,
  inputs: ReadonlySet<string>,
) {
  if (labels !== undefined) return readLabels(labels);
  const key = ['y', 'labels', 'label', 'targets'].find((name) => name in tensors && !inputs.has(name));
  return key === undefined ? undefined : classesOf(tensors[key] as Tensor);
}

async function readLabels(path: string): Promise<ArrayLike<number | bigint>> {
  const tensor = /\.(npy|pb)$/.test(path) ? await readTensorFile(path) : readIdx(await readFile(path), path);
  return classesOf(tensor, path);
}

/** @throws RheobaseError `bad-input` where there is not one class a sample. */
function classesOf({ data, shape, dtype }: Tensor, where = '--data'): ArrayLike<number | bigint> {
  const isOneEach = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (isOneEach && dtype !== 'string') return data as ArrayLike<number | bigint>;
  throw badInput(`labels are one number a sample, this is ${dtype} [${shape}]`, { where });
}

function limited(labels: ArrayLike<number | bigint>, limit: number): ArrayLike<number | bigint> {
  return Array.from(labels).slice(0, limit);
}

/** NumPy computes in float64 unless told otherwise; models hardly ever do. */
function inSinglePrecision(value: Tensor, wanted: string | null): Tensor {
  if (value.dtype !== 'float64' || wanted !== 'float32') return value;
  return { dtype: 'float32', shape: value.shape, data: Float32Array.from(value.data as Float64Array) };
}

function leading(value: Tensor, limit: number): Tensor {
  const [count = 0, ...rest] = value.shape;
  if (count <= limit || value.dtype === 'string') return value;
  const size = rest.reduce((product, extent) => product * extent, 1);
  return { ...value, shape: [limit, ...rest], data: value.data.slice(0, limit * size) } as Tensor;
}
