import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensor } from '@rheobase/exporter/tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { readTensorFile, readTensorsFile, writeTensorFile, writeTensorsFile } from './tensor-file.js';

const root = mkdtempSync(join(tmpdir(), 'tensor-file-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const x = tensor('int64', [2], BigInt64Array.of(1n, -2n));

describe('tensor files', () => {
  it.each(['x.npy', 'x.pb'])('are written and read by their ending: %s', async (name) => {
    const path = join(root, name);
    await writeTensorFile(path, x);
    expect(await readTensorFile(path)).toEqual(x);
    expect(await readTensorsFile(path)).toEqual({ x });
  });

  it('keep in .pb what NumPy lacks', async () => {
    const path = join(root, 'b.pb');
    const bfloat16 = tensor('bfloat16', [2], Uint16Array.of(0x3f80, 0x7fc0));
    await writeTensorFile(path, bfloat16);
    expect(await readTensorFile(path)).toEqual(bfloat16);
  });

  it('hold several tensors as .npz, or one', async () => {
    const path = join(root, 'several.npz');
    await writeTensorsFile(path, { a: x, b: x });
    expect(await readTensorsFile(path)).toEqual({ a: x, b: x });
    await expect(readTensorFile(path)).rejects.toThrow('several.npz: holds 2 arrays, not one: a, b');
    await writeTensorsFile(path, { a: x });
    expect(await readTensorFile(path)).toEqual(x);
  });

  it('stay as they were when the new content cannot be written, with nothing left beside them', async () => {
    const path = join(root, 'kept.npy');
    await writeTensorFile(path, x);
    await expect(writeTensorFile(path, tensor('bfloat16', [1], Uint16Array.of(1)))).rejects.toThrow(
      'kept.npy: NumPy has no',
    );
    expect(await readTensorFile(path)).toEqual(x);
    expect(readdirSync(root).filter((name) => name.startsWith('kept'))).toEqual(['kept.npy']);
    await expect(writeTensorFile(join(root, 'no', 'x.npy'), x)).rejects.toMatchObject({ code: 'bad-input' });
  });

  it.each([
    ['missing.npy', 'missing.npy: does not exist'],
    ['', 'is of no known kind'],
    ['x.txt', 'x.txt: is of no known kind'],
  ])('name themselves in errors: %s', async (name, text) => {
    await expect(readTensorFile(join(root, name))).rejects.toThrow(text);
    await expect(readTensorFile(join(root, name))).rejects.toMatchObject({ code: 'bad-input' });
  });
});
