/**
 * Arrays in files: one file of inputs with one of labels (IDX or .npy, plain or gzipped), an archive of both (.npz),
 * or a folder of IDX files named as MNIST's are.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import { decodeNpy } from '@rheobase/runtime/files';
import { type NpzArchive, openNpz } from '@rheobase/runtime/npz';
import { type Examples, readIdx } from '../data/index.js';
import { readBytes } from './read-bytes.js';
import type { Source, SourceOptions } from './source.js';

/** One array: .npy, IDX, or an archive that holds just one. */
export async function readArray(path: string): Promise<Tensor> {
  return decodeArray(await readBytes(path), path);
}

export function decodeArray(bytes: Uint8Array, path: string): Tensor {
  if (!isNpy(bytes) && !isZip(bytes)) return readIdx(bytes, path);
  return placed(path, () => {
    if (isNpy(bytes)) return decodeNpy(bytes);
    const archive = openNpz(bytes);
    if (archive.names.length === 1) return archive.read(archive.names[0]);
    throw badInput(`holds ${archive.names.length} arrays, one is needed`, { remedy: 'give a file with one array' });
  });
}

export function isNpy(bytes: Uint8Array): boolean {
  return bytes[0] === 0x93 && bytes[1] === 0x4e;
}

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

export function isIdx(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0 && bytes[2] >= 8 && bytes[2] <= 14;
}

/** Inputs from one file, labels from another: `images,labels`, or the one that MNIST's names tell. */
export async function readPair(path: string, bytes: Uint8Array, { labels, labelled }: SourceOptions): Promise<Source> {
  const x = decodeArray(bytes, path);
  const file = labels ?? (await neighbour(path));
  if (file !== undefined) return { name: path, train: { x, y: await readArray(file) } };
  if (labelled === false) return { name: path, train: { x, y: undefined } };
  throw badInput('has no labels beside it', { where: path, remedy: 'give them as IMAGES,LABELS or by --labels FILE' });
}

/** `train-images-idx3-ubyte.gz` → `train-labels-idx1-ubyte.gz`, where there is such a file. */
async function neighbour(path: string): Promise<string | undefined> {
  const name = basename(path);
  const other = name.replace('images', 'labels').replace(/idx\d/, 'idx1');
  if (other === name) return undefined;
  const candidate = join(dirname(path), other);
  return (await exists(candidate)) ? candidate : undefined;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Names of inputs and targets in an archive, in the order they are looked for. */
const INPUTS = ['x', 'images', 'inputs', 'features', 'data'];
const TARGETS = ['y', 'labels', 'label', 'targets', 'target', 'classes'];

export async function readArchive(
  path: string,
  bytes: Uint8Array,
  { labels, labelled }: SourceOptions,
): Promise<Source> {
  return placed(path, async () => {
    const archive = openNpz(bytes);
    const names = lowerCased(archive);
    const split = (part: string): Examples | undefined => {
      const x = find(names, INPUTS, part);
      const y = find(names, TARGETS, part);
      if (x === undefined) return undefined;
      return { x: archive.read(x), y: y === undefined ? undefined : archive.read(y) };
    };
    const train = split('train') ?? split('') ?? onlyInput(archive);
    if (train === undefined) {
      throw badInput(`holds ${archive.names.join(', ')}, none of which is known as inputs`, {
        remedy: 'name the arrays x and y (or images and labels; x_train, y_train, x_test, y_test)',
      });
    }
    const y = labels === undefined ? train.y : await readArray(labels);
    if (y === undefined && labelled !== false) {
      throw badInput(`holds ${archive.names.join(', ')}, none of which is known as targets`, {
        remedy: 'name it y or labels, or give a file by --labels',
      });
    }
    return { name: path, train: { ...train, y }, test: split('test') };
  });
}

function lowerCased({ names }: NpzArchive): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name.toLowerCase(), name]));
}

/** `x`, or with a part `x_train` and `train_x`. */
function find(names: ReadonlyMap<string, string>, known: readonly string[], part: string): string | undefined {
  const spellings = known.flatMap((name) => (part === '' ? [name] : [`${name}_${part}`, `${part}_${name}`]));
  const found = spellings.find((spelling) => names.has(spelling));
  return found === undefined ? undefined : names.get(found);
}

/** The one array of an archive, whatever its name. */
function onlyInput(archive: NpzArchive): Examples | undefined {
  const [name, ...others] = archive.names;
  return name === undefined || others.length > 0 ? undefined : { x: archive.read(name), y: undefined };
}

/** A folder with `train-images…`, `train-labels…` and, for testing, `t10k-images…` or `test-images…`. */
export async function readFolder(path: string): Promise<Source> {
  const files = (await readdir(path)).sort();
  const named = (pattern: RegExp) => files.find((file) => pattern.test(file));
  const read = async (part: string): Promise<Examples | undefined> => {
    const images = named(new RegExp(`^(${part}).*images`, 'i'));
    const labels = named(new RegExp(`^(${part}).*labels`, 'i'));
    if (images === undefined || labels === undefined) return undefined;
    return { x: await readArray(join(path, images)), y: await readArray(join(path, labels)) };
  };
  const train = await read('train');
  if (train !== undefined) return { name: path, train, test: await read('t10k|test') };
  throw badInput('is a folder without train-images… and train-labels… files', {
    where: path,
    remedy: 'name a file, or put IDX files named as those of MNIST there',
  });
}

function placed<T>(path: string, read: () => T): T {
  const place = (error: unknown): never => {
    throw error instanceof RheobaseError ? error.within(path) : error;
  };
  try {
    const result = read();
    return result instanceof Promise ? (result.catch(place) as T) : result;
  } catch (error) {
    return place(error);
  }
}
