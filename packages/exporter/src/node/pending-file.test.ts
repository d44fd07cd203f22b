import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryPath } from '../../test/temporary-path.js';
import { PendingFile, writeFileAtomic } from './pending-file.js';

describe('writing a file atomically', () => {
  it('makes it, or replaces it with its permissions kept', async () => {
    const path = temporaryPath('report.json');
    await writeFileAtomic(path, 'first');
    chmodSync(path, 0o640);
    await writeFileAtomic(path, Uint8Array.of(0x68, 0x69));
    expect(readFileSync(path, 'utf8')).toBe('hi');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(dirname(path))).toEqual(['report.json']);
  });

  it('writes where a link points, and keeps the link', async () => {
    const target = temporaryPath('target');
    const link = temporaryPath('link');
    writeFileSync(target, 'old');
    symlinkSync(target, link);
    await writeFileAtomic(link, 'new');
    expect(readFileSync(target, 'utf8')).toBe('new');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  it('writes to a device without replacing it', async () => {
    await writeFileAtomic('/dev/null', 'gone');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('shows nothing before it is complete, and leaves the old file and nothing else where it is given up', async () => {
    const path = temporaryPath('model.onnx');
    writeFileSync(path, 'old');
    const file = PendingFile.open(path);
    await file.write(new Uint8Array(40 * 2 ** 20));
    expect(file.length).toBe(40 * 2 ** 20);
    expect(readFileSync(path, 'utf8')).toBe('old');
    file.discard();
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(dirname(path))).toEqual(['model.onnx']);
  });

  it('takes pieces of any size, in memory that is used again', () => {
    const lengths = fc.array(fc.oneof(fc.nat(100), fc.nat(10_000), fc.nat(200_000), fc.constantFrom(4096, 65_536)));
    fc.assert(
      fc.property(lengths, (sizes) => {
        const path = temporaryPath('pieces');
        const file = PendingFile.open(path);
        const expected = Buffer.alloc(sizes.reduce((sum, size) => sum + size, 0)).map((_, index) => index * 31 + 7);
        const memory = new Uint8Array(200_000);
        let position = 0;
        for (const size of sizes) {
          memory.set(expected.subarray(position, position + size));
          file.append(memory.subarray(0, size));
          position += size;
        }
        file.commit();
        return readFileSync(path).equals(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('names the file and the remedy where it cannot', async () => {
    const path = temporaryPath('a');
    mkdirSync(path);
    await expect(writeFileAtomic(path, '')).rejects.toThrow(`${path}: is a folder; name a file`);
    const nowhere = join(path, 'b', 'c');
    await expect(writeFileAtomic(nowhere, '')).rejects.toMatchObject({ code: 'bad-input', where: nowhere });
  });
});
