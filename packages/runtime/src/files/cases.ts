/**
 * Inputs of a model from files, as `--inputs` takes them. One case is
 *
 *     x.npz               its keys are the input names
 *     x.npy, x.pb         for a model with one input
 *     folder/             x.npy or x.pb for each input x; or input_0.pb, input_1.pb, … in the model's order
 *
 * and several are a folder of such folders or .npz files (`case0/x.npy`, `case0.npz`), a .npz file whose keys have the
 * case in front (`case0/x`), or, for a model with one input, a folder of tensors that do not bear its name. A folder of
 * an ONNX backend test (`model.onnx`, `test_data_set_0/input_0.pb`) is the same; its model and expected outputs are
 * passed over. Further kinds of file (images, JSON) come in as an `InputFormat`.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { type Model, modelInfo, type ValueSummary } from '@rheobase/exporter';
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

/** How to read a kind of file that does not say by itself which tensor it is. */
export interface InputFormat {
  /** The tensor for one input, whose type and shape decide what the file leaves open. */
  tensor(path: string, input: ValueSummary): Tensor;
  /** Whole cases, for a kind of file that can hold the values of several inputs; `name` is that of the file. */
  cases?(path: string, name: string, inputs: readonly ValueSummary[]): Iterable<FileCase>;
}

/** Formats by the ending of their files, in lower case: `.png`. */
export type InputFormats = Readonly<Record<string, InputFormat>>;

/** Folders inside a folder of cases are looked into this deep. */
const MAX_DEPTH = 2;

/**
 * Finds the cases at a path. The same path can serve models with different inputs, hence the answer is a function.
 * @throws RheobaseError `bad-input` where nothing is there; the function throws it, naming file and entry, where
 *   something is damaged or belongs to none of the model's inputs.
 */
export async function readCases(path: string, formats: InputFormats = {}): Promise<CasesFor> {
  placed(path, () => statOf(path));
  return (model) => {
    const declared = modelInfo(model).inputs;
    const inputs = declared.map(({ name }) => name);
    return casesAt({ path, name: stem(path), inputs, declared, formats, depth: 0 });
  };
}

interface Place {
  readonly path: string;
  /** Name of the case here, where it is one. */
  readonly name: string;
  /** Names of the model's inputs in order. */
  readonly inputs: readonly string[];
  readonly declared: readonly ValueSummary[];
  readonly formats: InputFormats;
  readonly depth: number;
}

function* casesAt(place: Place): Iterable<FileCase> {
  const { path, name, inputs, declared, depth } = place;
  if (statOf(path).isDirectory()) {
    let found = 0;
    for (const one of folderCases(place)) {
      found += 1;
      yield one;
    }
    if (found === 0 && depth === 0) {
      throw badInput('holds no tensors', { where: path, remedy: 'give .npy, .npz or .pb files, or folders of them' });
    }
    return;
  }
  const format = formatOf(path, place);
  if (extname(path) === '.npz') {
    const archive = placed(path, () => openNpz(readBytes(path)));
    yield* archiveCases(place, archive);
  } else if (format?.cases !== undefined) {
    yield* format.cases(path, name, declared);
  } else {
    const input = onlyInput(path, inputs);
    yield { name, feeds: { [input]: readFor(path, input, place) } };
  }
}

/** The tensors of a folder are one case; its archives and folders are others. */
function* folderCases(place: Place): Iterable<FileCase> {
  const { path, name, inputs, depth } = place;
  const entries = readdirSync(path).sort(naturally);
  const tensors = entries.filter((entry) => isTensorFile(entry, place) && !isExpectedOutput(entry, inputs));
  const nameOf = (entry: string): string => (depth === 0 ? stem(entry) : `${name}/${stem(entry)}`);
  if (tensors.length > 1 && inputs.length === 1 && tensors.every((file) => inputOf(file, inputs) === undefined)) {
    yield* tensors.map((file) => ({ name: nameOf(file), feeds: tensorFeeds([file], place) }));
  } else if (tensors.length > 0) {
    yield { name, feeds: tensorFeeds(tensors, place) };
  }
  for (const entry of entries) {
    const inner = join(path, entry);
    const isFolder = depth < MAX_DEPTH && statOf(inner).isDirectory();
    if (!isFolder && !holdsCases(entry, place)) continue;
    yield* casesAt({ ...place, path: inner, name: nameOf(entry), depth: depth + 1 });
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

function tensorFeeds(files: readonly string[], place: Place): Feeds {
  const { path: folder, inputs } = place;
  const alone = files.length === 1 && inputs.length === 1 ? inputs[0] : undefined;
  const feeds = files.map((file): [string, Tensor] => {
    const path = join(folder, file);
    const input = inputOf(file, inputs) ?? alone;
    if (input === undefined) throw noSuchInput(path, inputs);
    return [input, readFor(path, input, place)];
  });
  return Object.fromEntries(feeds);
}

/** The tensor for an input of the model. */
function readFor(path: string, input: string, place: Place): Tensor {
  const format = formatOf(path, place);
  const declared = place.declared.find(({ name }) => name === input);
  return format === undefined || declared === undefined
    ? readTensor(path)
    : placed(path, () => format.tensor(path, declared));
}

function formatOf(path: string, { formats }: Place): InputFormat | undefined {
  return formats[extname(path).toLowerCase()];
}

/** The input that a file is named after. */
function inputOf(file: string, inputs: readonly string[]): string | undefined {
  return inputNamed(stem(file), inputs) ?? inputByPosition(file, inputs);
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

/** A file that can hold whole cases counts as a tensor only where it is named after an input. */
function isTensorFile(file: string, place: Place): boolean {
  if (extname(file) === '.npy' || extname(file) === '.pb') return true;
  const format = formatOf(file, place);
  return format !== undefined && (format.cases === undefined || inputOf(file, place.inputs) !== undefined);
}

function holdsCases(file: string, place: Place): boolean {
  return extname(file) === '.npz' || (formatOf(file, place)?.cases !== undefined && !isTensorFile(file, place));
}

function isExpectedOutput(file: string, inputs: readonly string[]): boolean {
  return /^output_\d+\.pb$/.test(file) && !inputs.includes(stem(file));
}

const ENDINGS: readonly string[] = ['.npy', '.npz', '.pb', '.json', '.png', '.jpg', '.jpeg'];

function stem(path: string): string {
  const name = basename(path);
  return ENDINGS.includes(extname(name).toLowerCase()) ? name.slice(0, -extname(name).length) : name;
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
