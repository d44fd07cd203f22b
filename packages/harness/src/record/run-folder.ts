/**
 * A verification kept in a folder: models, inputs, what every backend made of them, and where that was. Another machine
 * compares its own backends with it (see replay), with no more than this folder.
 *
 *     run.json                     `rheobase/run@1`: models, backends, cases, environment, times
 *     models/0/model.onnx          as it was, with its external data beside it
 *     cases/0/inputs.npz           keys are the model's inputs
 *     cases/0/node-cpu.npz         that backend's outputs
 *
 * Tensors of types that NumPy lacks are a folder of .pb files instead (see tensor-files).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { badInput } from '@rheobase/exporter/errors';
import { writeFileAtomic } from '@rheobase/exporter/node';
import type { BackendId } from '@rheobase/runtime';
import type { BackendRow, Environment, ModelRow, TimingRow } from '../report/verify-report.js';
import type { TensorFiles } from './tensor-files.js';

export const RUN_FILE = 'run.json';
const SCHEMA = 'rheobase/run@1';

/** The content of `run.json`; paths are relative to the folder. */
export interface RunDescription {
  readonly schema: typeof SCHEMA;
  readonly baseline: BackendId;
  readonly environment: Environment;
  readonly models: readonly RecordedModel[];
  readonly backends: readonly BackendRow[];
  readonly cases: readonly RecordedCase[];
  readonly timings: readonly TimingRow[];
}

export interface RecordedModel extends ModelRow {
  readonly file: string;
}

export interface RecordedCase {
  /** Path of the model, as the report calls it. */
  readonly model: string;
  readonly name: string;
  readonly inputs: TensorFiles;
  /** By backend; one that failed has none. */
  readonly outputs: Readonly<Record<BackendId, RecordedOutputs>>;
}

export interface RecordedOutputs {
  readonly files: TensorFiles;
  /** Duration of the run that gave them. */
  readonly ms: number;
}

export async function writeRunFile(folder: string, run: Omit<RunDescription, 'schema'>): Promise<void> {
  await writeFileAtomic(join(folder, RUN_FILE), `${JSON.stringify({ schema: SCHEMA, ...run }, null, 2)}\n`);
}

/** @throws RheobaseError `bad-input`, naming the file, where it is missing, damaged, or something else. */
export async function readRunFile(folder: string): Promise<RunDescription> {
  const path = join(folder, RUN_FILE);
  const remedy = 'give a folder that verify --save has written';
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code));
    const what = isMissing ? 'does not exist' : `is no ${SCHEMA}, or a damaged one`;
    throw badInput(what, { where: path, remedy, cause: error });
  }
  if (!isRun(content)) throw badInput(`is no ${SCHEMA}, or a damaged one`, { where: path, remedy });
  return content;
}

function isRun(content: unknown): content is RunDescription {
  return (
    isObject(content) &&
    content.schema === SCHEMA &&
    typeof content.baseline === 'string' &&
    isObject(content.environment) &&
    isListOf(content.models, ({ path, file, sha256 }) =>
      [path, file, sha256].every((one) => typeof one === 'string'),
    ) &&
    isListOf(content.backends, ({ id, placement }) => typeof id === 'string' && Array.isArray(placement)) &&
    isListOf(
      content.cases,
      ({ model, name, inputs, outputs }) =>
        typeof model === 'string' &&
        typeof name === 'string' &&
        isTensorFiles(inputs) &&
        isObject(outputs) &&
        Object.values(outputs).every((one) => isObject(one) && isTensorFiles(one.files) && typeof one.ms === 'number'),
    ) &&
    isListOf(content.timings, ({ model, backend }) => typeof model === 'string' && typeof backend === 'string')
  );
}

function isTensorFiles(value: unknown): boolean {
  if (!isObject(value)) return false;
  if (typeof value.npz === 'string') return true;
  return isObject(value.pb) && Object.values(value.pb).every((file) => typeof file === 'string');
}

type UnknownFields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is UnknownFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOf(value: unknown, fits: (item: UnknownFields) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => isObject(item) && fits(item));
}
