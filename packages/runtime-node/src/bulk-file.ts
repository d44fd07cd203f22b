/**
 * How messages with large arrays pass between two processes. Node's IPC channel moves 64 KB at a time: a 64 MB tensor
 * takes a second. So arrays beyond a limit go through a file that both processes hold open; it is unlinked at once, so
 * that no crash can leave it behind, and it lives in the page cache, at the speed of a memory copy. The two ends take
 * turns (one request, one reply), hence one file serves both directions from its start.
 */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attachArrays, detachArrays } from '@rheobase/runtime/host';

/** Messages with fewer bytes of arrays than this go through the channel whole. */
const INLINE_LIMIT = 128 * 1024;
/** One system call moves less than 2 GiB. */
const MAX_TRANSFER = 2 ** 30;

/** A message on its way: JSON, and the arrays' bytes here or, where `bytes` is left out, in the bulk file. */
export interface Envelope {
  readonly json: string;
  readonly byteLength: number;
  readonly bytes?: Uint8Array;
}

/** Opens a new bulk file, already without a name; close it with `fs.closeSync`. */
export function openBulkFile(): number {
  const path = join(tmpdir(), `rheobase-${process.pid}-${Math.random().toString(36).slice(2)}`);
  const fd = openSync(path, 'wx+', 0o600);
  try {
    unlinkSync(path);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return fd;
}

export function pack(message: unknown, fd: number): Envelope {
  const { json, blobs, byteLength } = detachArrays(message);
  if (byteLength > INLINE_LIMIT) {
    for (const { offset, bytes } of blobs) writeFully(fd, bytes, offset);
    return { json, byteLength };
  }
  const bytes = new Uint8Array(byteLength);
  for (const blob of blobs) bytes.set(blob.bytes, blob.offset);
  return { json, byteLength, bytes };
}

/** @param allocate Answers where to put an array of so many bytes from the file. */
export function unpack({ json, bytes }: Envelope, fd: number, allocate: Allocate): unknown {
  return attachArrays(json, (offset, byteLength) => {
    if (bytes !== undefined) return bytes.subarray(offset, offset + byteLength);
    const target = allocate(byteLength, offset);
    readFully(fd, target, offset);
    return target;
  });
}

export type Allocate = (byteLength: number, offset: number) => Uint8Array;

/** Memory of its own for each array, for arrays that are kept. */
export const allocateFresh: Allocate = (byteLength) => {
  const { buffer } = Buffer.allocUnsafeSlow(byteLength);
  return new Uint8Array(buffer);
};

/** Memory used again for the next message, which spares its page faults; for arrays that nobody keeps. */
export function reusedMemory(): (envelope: Envelope) => Allocate {
  let memory = new Uint8Array(0);
  return ({ byteLength }) => {
    if (memory.length < byteLength) memory = new Uint8Array(Buffer.allocUnsafeSlow(byteLength).buffer);
    return (length, offset) => memory.subarray(offset, offset + length);
  };
}

function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, Math.min(bytes.length - done, MAX_TRANSFER), position + done);
  }
}

function readFully(fd: number, target: Uint8Array, position: number): void {
  for (let done = 0; done < target.length; ) {
    const read = readSync(fd, target, done, Math.min(target.length - done, MAX_TRANSFER), position + done);
    if (read === 0) throw new Error('the bulk file ends before its message does');
    done += read;
  }
}
