/**
 * A file that appears whole or not at all: its bytes go to a temporary name beside it, which takes the final name
 * once everything is written. Who reads meanwhile sees the old file or the new one, and a failure leaves the old.
 * (That is against errors and crashes of the process; nothing is forced out to the disk for a loss of power.)
 *
 * Writing is synchronous, in pieces, with a pause for the event loop between them: for bytes that go to the page
 * cache the way through a worker thread costs more than the write itself.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, openSync, realpathSync, renameSync, rmSync, statSync, writevSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { badInput } from '../errors.js';
import { fileError } from './file-errors.js';

/** Bytes between two pauses. */
const PAUSE = 16 * 2 ** 20;
/**
 * Every write but the last begins and ends at a multiple of a page: pages covered in part cost the system more than
 * the copy that avoids them. And none is smaller than this, so that small pieces become few calls.
 */
const PAGE = 4096;
const GATHERED = 65_536;

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
  /** Bytes given so far. */
  length = 0;
  private readonly gathered = new Uint8Array(GATHERED);
  private gatheredLength = 0;
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

  /** Appends `bytes`, however many. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; start += PAUSE) {
      this.append(bytes.subarray(start, start + PAUSE));
      if (this.pauseDue) await this.pause();
    }
  }

  /** Appends a piece at once; its memory may be used again afterwards. The caller pauses when it is due. */
  append(piece: Uint8Array): void {
    this.length += piece.length;
    this.sincePause += piece.length;
    const pending = this.gatheredLength + piece.length;
    if (pending < GATHERED) {
      this.gather(piece);
      return;
    }
    const cut = piece.length - (pending % PAGE);
    this.writeOut([this.gathered.subarray(0, this.gatheredLength), piece.subarray(0, cut)]);
    this.gatheredLength = 0;
    this.gather(piece.subarray(cut));
  }

  private gather(bytes: Uint8Array): void {
    this.gathered.set(bytes, this.gatheredLength);
    this.gatheredLength += bytes.length;
  }

  /** Whether so much was written since the last pause that others should have their turn. */
  get pauseDue(): boolean {
    return this.sincePause >= PAUSE;
  }

  async pause(): Promise<void> {
    this.sincePause = 0;
    await setImmediate();
  }

  /** Writes all of `pieces`; the system may take less of them at a time. */
  private writeOut(pieces: readonly Uint8Array[]): void {
    try {
      for (let rest = pieces; rest.length > 0; ) rest = after(rest, writevSync(this.descriptor, rest));
    } catch (error) {
      throw fileError(error, this.path, 'write');
    }
  }

  /** Ends writing; the file keeps its temporary name until `commit`. */
  close(): void {
    if (this.state !== 'open') return;
    this.writeOut([this.gathered.subarray(0, this.gatheredLength)]);
    this.release();
  }

  private release(): void {
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
    if (this.state === 'open') this.release();
    if (this.temporary !== this.target) rmSync(this.temporary, { force: true });
    this.state = 'settled';
  }
}

/** What remains of `pieces` behind their first `done` bytes. */
function after(pieces: readonly Uint8Array[], done: number): Uint8Array[] {
  let skip = done;
  return pieces.flatMap((piece) => {
    const taken = Math.min(skip, piece.length);
    skip -= taken;
    return taken === piece.length ? [] : [piece.subarray(taken)];
  });
}
