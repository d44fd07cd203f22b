/** What the operating system says of a file, in our words: which file, what is wrong, what to do. */
import { RheobaseError } from '../errors.js';

export type FileAction = 'read' | 'write';

/** Per error code of the system: what is wrong, and the remedy. */
const READ: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['there is no such file', 'check the path'],
  ENOTDIR: ['a part of the path is a file, not a folder', 'check the path'],
  EISDIR: ['is a folder', 'name a file'],
  EACCES: ['may not be read', 'give yourself the permission to read it'],
  EPERM: ['may not be read', 'give yourself the permission to read it'],
  ELOOP: ['is a link that leads to itself', 'name the file itself'],
  ENAMETOOLONG: ['the name is too long', 'choose a shorter one'],
};

const WRITE: Readonly<Record<string, readonly [string, string]>> = {
  ...READ,
  ENOENT: ['there is no such folder', 'create it first'],
  EACCES: ['may not be written', 'give yourself the permission or choose another place'],
  EPERM: ['may not be written', 'give yourself the permission or choose another place'],
  EROFS: ['is on a file system that is read-only', 'choose another place'],
};

/** @returns `error` itself where it is ours already. */
export function fileError(error: unknown, path: string, action: FileAction): RheobaseError {
  if (error instanceof RheobaseError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = (action === 'read' ? READ : WRITE)[code];
  if (known !== undefined) {
    const [what, remedy] = known;
    return new RheobaseError('bad-input', what, { where: path, remedy, cause: error });
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new RheobaseError('failed', 'no space is left', { where: path, remedy: 'free some', cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new RheobaseError('failed', `could not ${action} it: ${reason}`, { where: path, cause: error });
}
