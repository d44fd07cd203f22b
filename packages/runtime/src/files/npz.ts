/** Named tensors as NumPy's .npz files: zip archives of .npy files, stored or deflated. */
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import { type UnzipFileInfo, unzipSync, type Zippable, zipSync } from 'fflate';
import { decodeNpy, encodeNpy } from './npy.js';

export interface NpzArchive {
  /** Names of the arrays, in the archive's order. */
  readonly names: readonly string[];
  /** Unpacks one array. @throws RheobaseError `bad-input`, naming it, where it is missing or damaged. */
  read(name: string): Tensor;
}

const SUFFIX = '.npy';
/** A byte of deflate makes at most 1032 bytes: who claims more wants memory, not arrays. */
const MAX_RATIO = 1032;
/** The same arrays make the same file, whenever it is written. */
const DATE = new Date(1980, 0, 1);

/**
 * Looks into an archive, unpacking nothing yet.
 * @throws RheobaseError `bad-input` where the bytes are no zip archive, or hold something else than arrays.
 */
export function openNpz(bytes: Uint8Array): NpzArchive {
  const entries = listEntries(bytes);
  const other = entries.find(({ name }) => !name.endsWith(SUFFIX));
  if (other !== undefined)
    throw badInput('is no array', { where: other.name, remedy: 'give an archive of .npy files' });
  const byName = new Map(entries.map((entry) => [entry.name.slice(0, -SUFFIX.length), entry]));
  return {
    names: [...byName.keys()],
    read: (name) => {
      const entry = byName.get(name);
      if (entry === undefined) throw badInput('is not in the archive', { where: name });
      try {
        return decodeNpy(extract(bytes, entry));
      } catch (error) {
        throw error instanceof RheobaseError ? error.within(name) : error;
      }
    },
  };
}

/** @throws RheobaseError as `openNpz` and its `read`. */
export function decodeNpz(bytes: Uint8Array): Readonly<Record<string, Tensor>> {
  const { names, read } = openNpz(bytes);
  return Object.fromEntries(names.map((name) => [name, read(name)]));
}

/** @throws RheobaseError `unsupported`, naming the tensor, for element types that NumPy lacks. */
export function encodeNpz(tensors: Readonly<Record<string, Tensor>>): Uint8Array {
  const files: Zippable = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    try {
      files[`${name}${SUFFIX}`] = [encodeNpy(tensor), { level: 0, mtime: DATE }];
    } catch (error) {
      throw error instanceof RheobaseError ? error.within(name) : error;
    }
  }
  return zipSync(files);
}

function listEntries(bytes: Uint8Array): readonly UnzipFileInfo[] {
  const entries: UnzipFileInfo[] = [];
  unzip(bytes, (entry) => {
    if (!entry.name.endsWith('/')) entries.push(entry);
    return false;
  });
  return entries;
}

function extract(bytes: Uint8Array, { name, size, originalSize, compression }: UnzipFileInfo): Uint8Array {
  if (compression !== 0 && compression !== 8) {
    throw new RheobaseError('unsupported', `is packed by method ${compression}, not stored or deflated`);
  }
  if (originalSize > size * MAX_RATIO + MAX_RATIO) throw badInput(`cannot unpack to ${originalSize} bytes`);
  const content = unzip(bytes, (entry) => entry.name === name)[name];
  if (content === undefined) throw badInput('cannot be unpacked');
  return content;
}

function unzip(bytes: Uint8Array, filter: (entry: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw badInput(`is no .npz file, or a damaged one (${reason})`, { cause: error });
  }
}
