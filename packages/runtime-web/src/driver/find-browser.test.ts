import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findBrowser } from './find-browser.js';

const folder = mkdtempSync(join(tmpdir(), 'rheobase-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

function executable(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
  return path;
}

describe('findBrowser', () => {
  it('takes what the user names before what is on the path', async () => {
    const chromium = executable('chromium');
    const mine = executable('my-browser');
    expect(await findBrowser('chromium', { PATH: folder })).toEqual({ executablePath: chromium, origin: 'installed' });
    expect(await findBrowser('chromium', { PATH: folder, RHEOBASE_CHROMIUM: mine })).toEqual({
      executablePath: mine,
      origin: 'RHEOBASE_CHROMIUM',
    });
  });

  it('refuses a name that leads nowhere, rather than taking another browser', async () => {
    const env = { PATH: folder, RHEOBASE_CHROMIUM: join(folder, 'gone') };
    await expect(findBrowser('chromium', env)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/RHEOBASE_CHROMIUM names no executable file: .*gone; correct or unset/),
    });
  });

  it('passes over a folder and a file that cannot be executed', async () => {
    const other = mkdtempSync(join(folder, 'path-'));
    writeFileSync(join(other, 'chromium'), 'no program');
    const chrome = executable('google-chrome');
    const found = await findBrowser('chromium', { PATH: `${other}:${folder}` });
    expect(found?.executablePath).not.toBe(join(other, 'chromium'));
    expect([join(folder, 'chromium'), chrome]).toContain(found?.executablePath);
  });

  it('drives no other Firefox than its own', async () => {
    executable('firefox');
    const found = await findBrowser('firefox', { PATH: folder });
    expect(found?.origin ?? 'Playwright').toBe('Playwright');
  });
});
