/**
 * The files beside a model that hold its weights, from the reading side: found inside the model's folder only,
 * looked at (size and date) when the model is opened, and read a range at a time when somebody asks for elements.
 */

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { join, sep } from 'node:path';
import { excerpt } from '../codec/excerpt.js';
import { locationProblem } from '../codec/external-location.js';
import { badInput, RheobaseError } from '../errors.js';
import { fileError } from './file-errors.js';

/** Bytes of one read in `chunks`. */
const CHUNK = 8 * 2 ** 20;

/** A range of an external file. */
export interface FileRange {
  readonly offset: number;
  readonly length: number;
}

export class ExternalFile {
  private constructor(
    /** As the model writes it. */
    readonly location: string,
    private readonly path: string,
    private readonly seen: Stats,
  ) {}

  /**
   * Looks at the file, without opening it.
   * @param folder the model's folder.
   * @throws RheobaseError `bad-input` where `location` leaves the folder, by its text or by a link, or is no file.
   */
  static find(folder: string, location: string): ExternalFile {
    const { path, stats } = findConfined(folder, location);
    if (stats.isFile()) return new ExternalFile(location, path, stats);
    throw badInput('is no regular file', { where: placeOf(location) });
  }

  /** Bytes of the file when it was found. */
  get size(): number {
    return this.seen.size;
  }

  /** The bytes of a range, in an array of their own. */
  read({ offset, length }: FileRange): Uint8Array {
    return this.opened((descriptor) => {
      const bytes = new Uint8Array(length);
      this.fill(descriptor, bytes, offset);
      return bytes;
    });
  }

  /** The bytes of a range, a piece at a time in one buffer. */
  *chunks({ offset, length }: FileRange): Iterable<Uint8Array> {
    const descriptor = this.open();
    try {
      const buffer = new Uint8Array(Math.min(CHUNK, length));
      for (let done = 0; done < length; done += buffer.length) {
        const piece = buffer.subarray(0, Math.min(buffer.length, length - done));
        this.fill(descriptor, piece, offset + done);
        yield piece;
      }
    } finally {
      closeSync(descriptor);
    }
  }

  private opened<T>(use: (descriptor: number) => T): T {
    const descriptor = this.open();
    try {
      return use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Offsets hold for the file that was looked at; another one under its name would give wrong weights silently. */
  private open(): number {
    let descriptor: number;
    try {
      // The path has no links any more; one put there since is not followed.
      descriptor = openSync(this.path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    } catch (error) {
      throw fileError(error, this.path, 'read');
    }
    const { size, mtimeMs, ino } = fstatSync(descriptor);
    if (size === this.seen.size && mtimeMs === this.seen.mtimeMs && ino === this.seen.ino) return descriptor;
    closeSync(descriptor);
    throw badInput('has changed since the model was opened', { where: this.path, remedy: 'open the model again' });
  }

  private fill(descriptor: number, target: Uint8Array, position: number): void {
    for (let done = 0; done < target.length; ) {
      // A single read may not pass 2 GiB.
      const read = readSync(descriptor, target, done, Math.min(target.length - done, 2 ** 30), position + done);
      if (read === 0) throw badInput('ended while it was read', { where: this.path });
      done += read;
    }
  }
}

/**
 * The path of an existing file or folder below `folder`, with no link out of it on the way.
 * @throws RheobaseError `bad-input` where `location` leaves the folder, by its text or by a link, or leads nowhere.
 */
export function confinedPath(folder: string, location: string): string {
  return findConfined(folder, location).path;
}

interface Found {
  readonly path: string;
  readonly stats: Stats;
}

function findConfined(folder: string, location: string): Found {
  const where = placeOf(location);
  const problem = locationProblem(location);
  if (problem !== undefined) {
    throw badInput(`its location ${problem}`, { where, remedy: 'name a file below the folder of the model' });
  }
  let path = folder;
  let stats: Stats | undefined;
  try {
    // Without a link on the way, what lies below the folder by its text lies below it.
    for (const segment of location.split('/')) {
      path = join(path, segment);
      stats = lstatSync(path);
      if (stats.isSymbolicLink()) return followLinks(folder, location);
    }
  } catch (error) {
    throw error instanceof RheobaseError ? error : fileError(error, path, 'read').within(where);
  }
  if (stats === undefined) throw badInput('its location is empty', { where });
  return { path, stats };
}

function followLinks(folder: string, location: string): Found {
  const root = realpathSync.native(folder);
  const path = realpathSync.native(join(folder, location));
  if (path.startsWith(root.endsWith(sep) ? root : root + sep)) return { path, stats: statSync(path) };
  throw badInput('its location is a link out of the folder of the model', {
    where: placeOf(location),
    remedy: 'put the file itself beside the model',
  });
}

function placeOf(location: string): string {
  return `external data '${excerpt(location)}'`;
}
