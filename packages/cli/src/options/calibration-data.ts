/** Samples to choose thresholds on: tensors by the names of a model's inputs, or whatever data `train` takes. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { badInput, type Model, modelInfo, type Tensor } from '@rheobase/exporter';
import type { Feeds } from '@rheobase/runtime';
import { readCases, readTensorFile, readTensorsFile } from '@rheobase/runtime/files';
import { type Samples, samplesFrom, samplesFromRuns } from '@rheobase/sparsifier';
import { readIdx } from '@rheobase/trainer';
import { calibrationExamples, type DataArguments } from './data.js';

export interface CalibrationData {
  readonly samples: Samples;
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
    return withLabels(samplesFrom(feeds), labels === undefined ? undefined : limited(labels, limit));
  }
  const runs = await wholeRuns(model, args.data, limit);
  if (runs !== undefined) {
    const labels = args.labels === undefined ? undefined : await readLabels(args.labels);
    return withLabels(samplesFromRuns(runs), labels === undefined ? undefined : limited(labels, limit));
  }
  const [only] = inputs;
  if (only === undefined || inputs.length > 1) {
    throw badInput(`the model has the inputs ${inputs.map(({ name }) => name).join(', ')}, the data is for one`, {
      where: '--data',
      remedy: 'give an .npz with a key for each input',
    });
  }
  const { x, y } = await calibrationExamples(args, only.shape?.slice(1) ?? [null], limit);
  return withLabels(samplesFrom({ [only.name]: x }), y === undefined ? undefined : classesOf(y));
}

function withLabels(samples: Samples, labels: CalibrationData['labels']): CalibrationData {
  return labels === undefined ? { samples } : { samples, labels };
}

/** Feeds of whole runs, one a sample: an archive with keys such as `case0/x`, a folder of folders or archives. */
async function wholeRuns(model: Model, path: string, limit: number): Promise<readonly Feeds[] | undefined> {
  if (!existsSync(path) || !(await holdsRuns(model, path))) return undefined;
  const runs: Feeds[] = [];
  for (const { feeds } of (await readCases(path))(model)) {
    if (runs.length === limit) break;
    runs.push(feeds);
  }
  return runs;
}

async function holdsRuns(model: Model, path: string): Promise<boolean> {
  const names = modelInfo(model).inputs.map(({ name }) => name);
  if (extname(path) === '.npz') {
    const keys = Object.keys(await readTensorsFile(path));
    return names.every((name) => keys.some((key) => key.endsWith(`/${name}`)));
  }
  if (!statSync(path).isDirectory()) return false;
  return readdirSync(path).some((entry) => extname(entry) === '.npz' || statSync(join(path, entry)).isDirectory());
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
