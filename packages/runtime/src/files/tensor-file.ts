/** Tensors in files, the format told by the file's ending: NumPy's .npy and .npz, ONNX's .pb. */
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import { writeFileAtomic } from '@rheobase/exporter/node';
import type { Tensor } from '@rheobase/exporter/tensor';
import { decodeNpy, encodeNpy } from './npy.js';
import { decodeNpz, encodeNpz, type NpzArchive, openNpz } from './npz.js';
import { decodeTensorProto, encodeTensorProto } from './tensor-proto.js';

const FORMATS = '.npy, .npz or .pb';

/**
 * Reads one tensor: a .npy file, an ONNX TensorProto (.pb), or a .npz file with a single array.
 * @throws RheobaseError `bad-input`, naming the file, where it is missing, damaged, or of another kind; `unsupported`
 *   for element types that no tensor has.
 */
export async function readTensorFile(path: string): Promise<Tensor> {
  return readTensor(path);
}

/** Reads named tensors: all arrays of a .npz file, else the one tensor under the file's name without its ending. */
export async function readTensorsFile(path: string): Promise<Readonly<Record<string, Tensor>>> {
  if (extname(path) === '.npz') return placed(path, () => decodeNpz(readBytes(path)));
  return { [basename(path, extname(path))]: readTensor(path) };
}

/**
 * Writes a tensor as .npy or .pb, as the path says; the file is replaced whole or not at all.
 * @throws RheobaseError `bad-input` where the path cannot be written, `unsupported` for an element type that the format
 *   lacks.
 */
export async function writeTensorFile(path: string, tensor: Tensor): Promise<void> {
  const encode = { '.npy': encodeNpy, '.pb': encodeTensorProto }[extname(path)];
  if (encode === undefined) throw badInput('is of no known kind', { where: path, remedy: 'end it in .npy or .pb' });
  await writeFileAtomic(
    path,
    placed(path, () => encode(tensor)),
  );
}

/** Writes named tensors as a .npz file; the file is replaced whole or not at all. */
export async function writeTensorsFile(path: string, tensors: Readonly<Record<string, Tensor>>): Promise<void> {
  await writeFileAtomic(
    path,
    placed(path, () => encodeNpz(tensors)),
  );
}

/** As `readTensorFile`, for who reads many files one by one. */
export function readTensor(path: string): Tensor {
  return placed(path, () => {
    switch (extname(path)) {
      case '.npy':
        return decodeNpy(readBytes(path));
      case '.pb':
        return decodeTensorProto(readBytes(path));
      case '.npz':
        return onlyArray(openNpz(readBytes(path)));
      default:
        throw badInput('is of no known kind', { remedy: `give a ${FORMATS} file` });
    }
  });
}

function onlyArray({ names, read }: NpzArchive): Tensor {
  const [name, ...others] = names;
  if (name === undefined) throw badInput('holds no array');
  if (others.length > 0) throw badInput(`holds ${names.length} arrays, not one: ${names.slice(0, 10).join(', ')}`);
  return read(name);
}

/** @throws RheobaseError `bad-input` in place of the system's error. */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = { ENOENT: 'does not exist', EISDIR: 'is a folder', EACCES: 'may not be read' }[code ?? ''];
    throw badInput(what ?? `cannot be read (${message})`, { cause: error });
  }
}

/** Puts the file in front of errors about its content. */
export function placed<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(path) : error;
  }
}
