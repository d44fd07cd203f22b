/**
 * ONNX's backend tests on disk. Every operator of the standard comes with small models and the outputs that its
 * reference implementation gives for them:
 *
 *     test_relu/model.onnx
 *     test_relu/test_data_set_0/input_0.pb, output_0.pb      values in the order of the graph's inputs and outputs
 *
 * A value is a TensorProto, or a SequenceProto or OptionalProto where the graph says so: the file itself does not tell.
 * Source: ONNX, "Backend Test" (docs/OnnxBackendTest.md).
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { badInput } from '@rheobase/exporter/errors';

export interface ConformanceCase {
  /** Name of its folder, e.g. `test_relu`. */
  readonly name: string;
  /** Path of its model. */
  readonly model: string;
  readonly dataSets: readonly DataSet[];
}

export interface DataSet {
  /** Name of its folder, e.g. `test_data_set_0`. */
  readonly name: string;
  /** Paths of the values, by position. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Where ONNX's own test data has its operators; a folder that holds it may be given instead. */
const NODE_TESTS = 'node';

/**
 * Finds the cases at a folder, which is one case, a folder of cases, or holds such a folder as `node/`.
 * @throws RheobaseError `bad-input` where there are none, or one is without the values to run it with.
 */
export function findConformanceCases(folder: string): readonly ConformanceCase[] {
  if (!isFolder(folder)) throw badInput('is no folder', { where: folder, remedy: LAYOUT });
  if (isCase(folder)) return [readCase(folder)];
  const cases = [folder, join(folder, NODE_TESTS)].map(casesIn).find((found) => found.length > 0);
  if (cases === undefined) throw badInput('holds no backend tests', { where: folder, remedy: LAYOUT });
  return cases;
}

const LAYOUT = 'give a folder of folders with model.onnx and test_data_set_0/';

function casesIn(folder: string): readonly ConformanceCase[] {
  if (!isFolder(folder)) return [];
  const folders = entriesOf(folder).map((entry) => join(folder, entry));
  return folders.filter(isCase).map(readCase);
}

function isCase(folder: string): boolean {
  return isFolder(folder) && isFile(join(folder, 'model.onnx'));
}

function readCase(folder: string): ConformanceCase {
  const names = entriesOf(folder).filter((entry) => /^test_data_set_\d+$/.test(entry));
  const dataSets = names.map((name) => readDataSet(join(folder, name), name));
  if (dataSets.length === 0) throw badInput('has no test_data_set_0', { where: folder });
  return { name: basename(resolve(folder)), model: join(folder, 'model.onnx'), dataSets };
}

function readDataSet(folder: string, name: string): DataSet {
  const outputs = valuesOf(folder, 'output');
  if (outputs.length === 0) throw badInput('has no expected output', { where: folder, remedy: 'add output_0.pb' });
  return { name, inputs: valuesOf(folder, 'input'), outputs };
}

/** `input_0.pb`, `input_1.pb`, … in that order. */
function valuesOf(folder: string, role: 'input' | 'output'): readonly string[] {
  const files = entriesOf(folder).filter((entry) => new RegExp(`^${role}_\\d+\\.pb$`).test(entry));
  const missing = files.findIndex((file, position) => file !== `${role}_${position}.pb`);
  if (missing !== -1) throw badInput(`has ${files[missing]} and no ${role}_${missing}.pb`, { where: folder });
  return files.map((file) => join(folder, file));
}

function entriesOf(folder: string): readonly string[] {
  return readdirSync(folder).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
