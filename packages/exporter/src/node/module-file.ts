/** Modules of a user's own, given to a command by path: what they export, with errors that name the module. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { badInput, RheobaseError } from '../errors.js';

/**
 * The exports of a module.
 * @throws RheobaseError `bad-input`, naming it, where it cannot be imported.
 */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (cause) {
    throw badInput(`cannot be imported: ${reasonOf(cause)}`, { where: path, cause });
  }
}

/**
 * What a module's export stands for: itself, or, of a function, what it answers with.
 * @throws RheobaseError naming the module: as the function throws it, else `bad-input`.
 */
export async function madeByModule(path: string, made: unknown): Promise<unknown> {
  if (typeof made !== 'function') return made;
  try {
    return await made();
  } catch (error) {
    if (error instanceof RheobaseError) throw error.within(path);
    throw badInput(reasonOf(error), { where: path, cause: error });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
