import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { temporaryPath } from '../../test/temporary-path.js';
import { RheobaseError } from '../errors.js';
import { importModule, madeByModule } from './module-file.js';

const moduleOf = (text: string): string => {
  const path = temporaryPath('own.mjs');
  writeFileSync(path, text);
  return path;
};
const defaultOf = async (path: string) => madeByModule(path, (await importModule(path)).default);

describe('a module of one’s own', () => {
  it.each([
    ['a value', 'export default 3'],
    ['a function', 'export default () => 3'],
    ['a function that takes its time', 'export default async () => 3'],
  ])('gives %s', async (_, text) => {
    expect(await defaultOf(moduleOf(text))).toBe(3);
  });

  it.each([
    ['cannot be read as a module', 'export default {', 'cannot be imported: '],
    ['is thrown out of', 'throw new Error("no")', 'cannot be imported: no'],
    ['has a function that throws', 'export default () => { throw new Error("no luck") }', 'no luck'],
    ['throws what is no error', 'export default () => { throw "text" }', 'text'],
  ])('that %s is named in the error', async (_, text, what) => {
    const path = moduleOf(text);
    const error: unknown = await defaultOf(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RheobaseError);
    expect(error).toMatchObject({ code: 'bad-input', where: path });
    expect(String((error as RheobaseError).what)).toContain(what);
  });
});
