/** A browser that is there and does not answer: it is given up in time, ended, and leaves nothing behind. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { remoteBackend } from '@rheobase/runtime/host';
import { afterAll, describe, expect, it } from 'vitest';
import { executablePath, missing, PATIENCE_MS, unless } from '../../test/chromium.js';
import { ENDLESS, identityModel, productsModel, square } from '../../test/models.js';
import { browserBackend } from './browser-backend.js';
import { chromiumFlags } from './chromium-flags.js';
import { connectPage, type PageConnection } from './page-connection.js';

const folder = mkdtempSync(join(tmpdir(), 'hang-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const isWindows = process.platform === 'win32';
const unlessSignals = isWindows ? ' (skipped: Windows has no SIGSTOP)' : unless;

describe.skipIf(missing || isWindows)(`a browser${unlessSignals}`, { timeout: PATIENCE_MS }, () => {
  it('that is stopped before it says a word is given up in time', async () => {
    const pidFile = join(folder, 'pid');
    const script = join(folder, 'stopped-browser');
    writeFileSync(script, `#!/bin/sh\necho $$ > '${pidFile}'\nkill -STOP $$\nexec '${executablePath}' "$@"\n`);
    chmodSync(script, 0o755);
    const backend = browserBackend('chromium/wasm', { executablePath: script, startTimeoutMs: 5000 });
    expect(await backend.probe()).toMatchObject({
      available: false,
      timedOut: true,
      reason: expect.stringMatching(/did not start within 5 s and was ended/),
    });
    await backend.close();
    // Playwright takes another half minute to kill what never spoke.
    if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
  });

  it('that is stopped in the middle of a run fails that run, and the next open has another', async () => {
    let page: PageConnection | undefined;
    const connect = async (_: string, timeoutMs: number) => {
      const launch = { name: 'chromium', executablePath, flags: chromiumFlags('wasm', 'none'), timeoutMs } as const;
      page = await connectPage(launch, { provider: 'wasm', threads: 1 });
      return page;
    };
    const backend = remoteBackend({ id: 'chromium/wasm', connect, remedy: null, startTimeoutMs: PATIENCE_MS });
    try {
      const model = { bytes: productsModel(ENDLESS.size, ENDLESS.products) };
      const small = { bytes: identityModel('float32', [1, 1]) };
      await backend.open(small);
      const session = await backend.open(model, { optimization: 'disabled', timeoutMs: 10_000 });
      const outcome = session.run({ x: square(ENDLESS.size) }).catch((error: unknown) => error);
      await setTimeout(300);
      const pid = page?.browser.pid ?? 0;
      process.kill(-pid, 'SIGSTOP');
      expect(await outcome).toMatchObject({
        code: 'timeout',
        message: expect.stringContaining('chromium/wasm run: took longer than 10 s and was ended'),
      });
      expect(isAlive(pid)).toBe(false);
      const next = await backend.open(small);
      expect((await next.run({ x: square(1) })).outputs).toEqual({ y: square(1) });
    } finally {
      await backend.close();
    }
  });
});
