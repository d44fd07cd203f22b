/**
 * Inputs of a model from files, as `--inputs` takes them. One case is
 *
 *     x.npz               its keys are the input names
 *     x.npy, x.pb         for a model with one input
 *     folder/             x.npy or x.pb for each input x; or input_0.pb, input_1.pb, … in the model's order
 *
 * and several are a folder of such folders or .npz files (`case0/x.npy`, `case0.npz`), or a .npz file whose keys have
 * the case in front (`case0/x`). A folder of an ONNX backend test (`model.onnx`, `test_data_set_0/input_0.pb`) is the
 * same; its model and expected outputs are passed over.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { type Model, modelInfo } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Feeds } from '../contract.js';
import { type NpzArchive, openNpz } from './npz.js';
import { placed, readBytes, readTensor } from './tensor-file.js';

export interface FileCase {
  readonly name: string;
  readonly feeds: Feeds;
}

/** Cases for one model; each is read when it is asked for, and kept by nobody here. */
export type CasesFor = (model: Model) => Iterable<FileCase>;

/** Folders inside a folder of cases are looked into this deep. */
const MAX_DEPTH = 2;

/**
 * Finds the cases at a path. The same path can serve models with different inputs, hence the answer is a function.
 * @throws RheobaseError `bad-input` where nothing is there; the function throws it, naming file and entry, where
 *   something is damaged or belongs to none of the model's inputs.
 */
export async function readCases(path: string): Promise<CasesFor> {
  placed(path, () => statOf(path));
  return (model) => {
    const inputs = modelInfo(model).inputs.map(({ name }) => name);
    return casesAt({ path, name: stem(path), inputs, depth: 0 });
  };
}

interface Place {
  readonly path: string;
  /** Name of the case here, where it is one. */
  readonly name: string;
  /** The model's inputs in order. */
  readonly inputs: readonly string[];
  readonly depth: number;
}

function* casesAt(place: Place): Iterable<FileCase> {
  const { path, name, inputs, depth } = place;
  if (statOf(path).isDirectory()) {
    let found = 0;
    for (const one of folderCases(place)) {
      found += 1;
      yield one;
    }
    if (found === 0 && depth === 0) {
      throw badInput('holds no tensors', { where: path, remedy: 'give .npy, .npz or .pb files, or folders of them' });
    }
  } else if (extname(path) === '.npz') {
    const archive = placed(path, () => openNpz(readBytes(path)));
    yield* archiveCases(place, archive);
  } else {
    yield { name, feeds: { [onlyInput(path, inputs)]: readTensor(path) } };
  }
}

/** The tensors of a folder are one case; its archives and folders are others. */
function* folderCases({ path, name, inputs, depth }: Place): Iterable<FileCase> {
  const entries = readdirSync(path).sort(naturally);
  const tensors = entries.filter((entry) => isTensorFile(entry) && !isExpectedOutput(entry, inputs));
  if (tensors.length > 0) yield { name, feeds: tensorFeeds(path, tensors, inputs) };
  for (const entry of entries) {
    const inner = join(path, entry);
    if (extname(entry) !== '.npz' && !(depth < MAX_DEPTH && statOf(inner).isDirectory())) continue;
    yield* casesAt({
      path: inner,
      name: depth === 0 ? stem(entry) : `${name}/${stem(entry)}`,
      inputs,
      depth: depth + 1,
    });
  }
}

/** Keys that are all input names make one case; else what stands before `/input` names the case. */
function* archiveCases({ path, name, inputs }: Place, archive: NpzArchive): Iterable<FileCase> {
  const isOneCase = archive.names.every((key) => inputs.includes(key) || !key.includes('/'));
  const cases = new Map<string, Map<string, string>>();
  for (const key of archive.names) {
    const input = isOneCase ? inputNamed(key, inputs) : inputAfterCase(key, inputs);
    if (input === undefined) throw noSuchInput(`${path}: ${key}`, inputs);
    const caseName = isOneCase ? name : key.slice(0, -input.length - 1);
    const keys = cases.get(caseName) ?? new Map<string, string>();
    cases.set(caseName, keys.set(input, key));
  }
  for (const [caseName, keys] of cases) {
    const read = (key: string): Tensor => placed(path, () => archive.read(key));
    yield { name: caseName, feeds: Object.fromEntries([...keys].map(([input, key]) => [input, read(key)])) };
  }
}

function tensorFeeds(folder: string, files: readonly string[], inputs: readonly string[]): Feeds {
  const alone = files.length === 1 && inputs.length === 1 ? inputs[0] : undefined;
  const feeds = files.map((file): [string, Tensor] => {
    const path = join(folder, file);
    const input = inputNamed(stem(file), inputs) ?? inputByPosition(file, inputs) ?? alone;
    if (input === undefined) throw noSuchInput(path, inputs);
    return [input, readTensor(path)];
  });
  return Object.fromEntries(feeds);
}

/** By its name; a character that no file name has may be written as `_`. */
function inputNamed(name: string, inputs: readonly string[]): string | undefined {
  return inputs.find((input) => input === name) ?? inputs.find((input) => input.replace(/[/\\:]/g, '_') === name);
}

/** `input_2.pb` is the third, as in ONNX's backend tests. */
function inputByPosition(file: string, inputs: readonly string[]): string | undefined {
  const position = /^input_(\d+)\.pb$/.exec(file)?.[1];
  return position === undefined ? undefined : inputs[Number(position)];
}

/** An input's name may have slashes of its own, so the longest one that fits decides. */
function inputAfterCase(key: string, inputs: readonly string[]): string | undefined {
  const fitting = inputs.filter((input) => key.endsWith(`/${input}`));
  return fitting.sort((a, b) => b.length - a.length)[0];
}

function onlyInput(path: string, inputs: readonly string[]): string {
  const [input, ...others] = inputs;
  if (input !== undefined && others.length === 0) return input;
  throw badInput(`holds one tensor, and the model takes ${inputs.length} (${inputs.join(', ')})`, {
    where: path,
    remedy: 'give a .npz file, or a folder with one file per input',
  });
}

function noSuchInput(where: string, inputs: readonly string[]) {
  return badInput('belongs to no input of the model', { where, remedy: `its inputs are ${inputs.join(', ')}` });
}

function isTensorFile(file: string): boolean {
  return extname(file) === '.npy' || extname(file) === '.pb';
}

function isExpectedOutput(file: string, inputs: readonly string[]): boolean {
  return /^output_\d+\.pb$/.test(file) && !inputs.includes(stem(file));
}

function stem(path: string): string {
  const name = basename(path);
  return ['.npy', '.npz', '.pb'].includes(extname(name)) ? name.slice(0, -extname(name).length) : name;
}

function statOf(path: string) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw badInput('does not exist');
  return stats;
}

/** So that `case10` comes after `case9`. */
function naturally(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
