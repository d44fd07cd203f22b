/**
 * A file that appears whole or not at all: its bytes go to a temporary name beside it, which takes the final name
 * once everything is written. Who reads meanwhile sees the old file or the new one, and a failure leaves the old.
 * (That is against errors and crashes of the process; nothing is forced out to the disk for a loss of power.)
 *
 * Writing is synchronous, in pieces, with a pause for the event loop between them: for bytes that go to the page
 * cache the way through a worker thread costs more than the write itself.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { badInput } from '../errors.js';
import { fileError } from './file-errors.js';

/** Bytes of one write, and between two pauses. */
const PIECE = 16 * 2 ** 20;

/**
 * Writes `content` (a string as UTF-8) to `path` so that the file is replaced as a whole or stays as it was. A link
 * is followed and kept, the permissions of a replaced file too. A device or pipe (`/dev/stdout`) is written directly.
 * @throws RheobaseError `bad-input` where `path` cannot be written, `failed` where the disk is full.
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const file = PendingFile.open(path);
  try {
    await file.write(bytes);
    file.commit();
  } finally {
    file.discard();
  }
}

export class PendingFile {
  /** Bytes written so far. */
  length = 0;
  private sincePause = 0;
  private state: 'open' | 'closed' | 'settled' = 'open';

  private constructor(
    readonly path: string,
    private readonly target: string,
    private readonly temporary: string,
    private readonly descriptor: number,
  ) {}

  /** @throws RheobaseError `bad-input` where `path` is a folder, or its folder is missing or may not be written. */
  static open(path: string): PendingFile {
    try {
      const existing = statSync(path, { throwIfNoEntry: false });
      if (existing?.isDirectory()) throw badInput('is a folder', { where: path, remedy: 'name a file' });
      const target = existing === undefined ? resolve(path) : realpathSync(path);
      if (existing !== undefined && !existing.isFile()) {
        return new PendingFile(path, target, target, openSync(target, 'w'));
      }
      const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
      const file = new PendingFile(path, target, temporary, openSync(temporary, 'wx'));
      if (existing !== undefined) fchmodSync(file.descriptor, existing.mode);
      return file;
    } catch (error) {
      throw fileError(error, path, 'write');
    }
  }

  /** Appends `bytes`; they may be changed again once this resolves. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; ) {
      if (this.sincePause >= PIECE) {
        this.sincePause = 0;
        await setImmediate();
      }
      const written = this.writeOnce(bytes, start, Math.min(PIECE, bytes.length - start));
      start += written;
      this.length += written;
      this.sincePause += written;
    }
  }

  private writeOnce(bytes: Uint8Array, start: number, length: number): number {
    try {
      return writeSync(this.descriptor, bytes, start, length);
    } catch (error) {
      throw fileError(error, this.path, 'write');
    }
  }

  /** Ends writing; the file keeps its temporary name until `commit`. */
  close(): void {
    if (this.state !== 'open') return;
    this.state = 'closed';
    closeSync(this.descriptor);
  }

  /** Gives the file its final name. */
  commit(): void {
    try {
      this.close();
      if (this.temporary !== this.target) renameSync(this.temporary, this.target);
      this.state = 'settled';
    } catch (error) {
      throw fileError(error, this.path, 'write');
    }
  }

  /** Removes the temporary file, unless `commit` came before. */
  discard(): void {
    if (this.state === 'settled') return;
    this.close();
    if (this.temporary !== this.target) rmSync(this.temporary, { force: true });
    this.state = 'settled';
  }
}
