/** Files that a command was asked to write: checked before long work, written whole or not at all. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { badInput } from '@rheobase/exporter/errors';
import { writeFileAtomic } from '@rheobase/exporter/node';

/**
 * Fails before the work rather than after it where a path cannot be written, or two of them are one. `-` (standard output)
 * always can be.
 * @throws RheobaseError `bad-input` naming the path.
 */
export function requireWritable(...paths: readonly (string | undefined)[]): void {
  const twice = paths.find((path, index) => path !== undefined && paths.indexOf(path) !== index);
  if (twice !== undefined) {
    const where = twice === '-' ? '- (standard output)' : twice;
    throw badInput('is to take two files in one', { where, remedy: 'name a place for each' });
  }
  for (const path of paths) {
    if (path === undefined || path === '-') continue;
    const folder = dirname(resolve(path));
    try {
      if (!statSync(folder).isDirectory()) throw new Error('not a folder');
      accessSync(folder, constants.W_OK);
    } catch {
      throw badInput('cannot be written', {
        where: path,
        remedy: `create the folder ${folder} or choose another place`,
      });
    }
    if (isDirectory(path)) throw badInput('is a folder', { where: path, remedy: 'name a file' });
  }
}

/**
 * The same for a folder to write into, which is made where it is missing.
 * @throws RheobaseError `bad-input` naming the path.
 */
export function requireFolder(path: string | undefined): void {
  if (path !== undefined) requireWritable(isDirectory(path) ? join(path, 'a file') : path);
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Writes what `content` makes to `path`, to standard output for `-`, and nowhere for undefined. */
export async function writeOutput(path: string | undefined, content: () => string): Promise<void> {
  if (path === undefined) return;
  if (path === '-') process.stdout.write(content());
  else await writeFileAtomic(path, new TextEncoder().encode(content()));
}
