/** The bytes of a file, unpacked where it is gzipped, told by its first bytes and not by its name. */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { badInput } from '@rheobase/exporter/errors';

/** @throws RheobaseError `bad-input`, naming the file, where it is missing, unreadable, empty, or a damaged gzip. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause) => {
    throw badInput(reasonOf(cause), { where: path, remedy: 'check the path', cause });
  });
  if (bytes.length === 0) throw badInput('is empty', { where: path });
  if (!isGzip(bytes)) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw badInput('is a damaged gzip file', { where: path, cause });
  }
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'there is no such file';
  if (error.code === 'EISDIR') return 'is a folder';
  return `cannot be read (${error.message})`;
}
