/**
 * Tensors by name as files of a folder: one .npz, or, because NumPy lacks some element types (bfloat16, 8-bit floats), a
 * .pb file of ONNX each.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import { confinedPath } from '@rheobase/exporter/node';
import type { Feeds } from '@rheobase/runtime';
import { readTensorFile, readTensorsFile, writeTensorFile, writeTensorsFile } from '@rheobase/runtime/files';

/** Where tensors lie, relative to the folder. */
export type TensorFiles = { readonly npz: string } | { readonly pb: Readonly<Record<string, string>> };

/** Writes tensors below the folder as `stem.npz`, or as `stem/name.pb` where NumPy lacks a type. */
export async function writeTensors(folder: string, stem: string, tensors: Feeds): Promise<TensorFiles> {
  try {
    await writeTensorsFile(join(folder, `${stem}.npz`), tensors);
    return { npz: `${stem}.npz` };
  } catch (error) {
    if (!(error instanceof RheobaseError && error.code === 'unsupported')) throw error;
  }
  await makeFolder(join(folder, stem));
  const files = fileNames(Object.keys(tensors));
  const pb: Record<string, string> = {};
  for (const [index, [name, tensor]] of Object.entries(tensors).entries()) {
    pb[name] = `${stem}/${files[index]}.pb`;
    await writeTensorFile(join(folder, pb[name]), tensor);
  }
  return { pb };
}

/** @throws RheobaseError `bad-input`, naming the file, where one is missing, damaged, or outside of the folder. */
export async function readTensors(folder: string, files: TensorFiles): Promise<Feeds> {
  if ('npz' in files) return readTensorsFile(confinedPath(folder, files.npz));
  const tensors: Record<string, Feeds[string]> = {};
  for (const [name, file] of Object.entries(files.pb)) {
    tensors[name] = await readTensorFile(confinedPath(folder, file));
  }
  return tensors;
}

/** Longer names are no file names everywhere. */
const LONGEST = 100;

/** A name for each file: that of its tensor where file systems take it and no other has it, else with its place. */
function fileNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name, index) => {
    const safe = name.replace(/[^\w.-]/g, '_').slice(0, LONGEST);
    const own = safe === '' || taken.has(safe.toLowerCase()) ? `${safe}_${index}` : safe;
    taken.add(own.toLowerCase());
    return own;
  });
}

/** @throws RheobaseError `bad-input` where it cannot be made. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw badInput('cannot be made a folder', { where: folder, remedy: 'choose another place', cause: error });
  }
}
