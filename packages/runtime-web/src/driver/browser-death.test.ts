/** What becomes of a call when its page, browser, GPU or this very process dies under it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { remoteBackend } from '@rheobase/runtime/host';
import { afterAll, describe, expect, it } from 'vitest';
import { executablePath, missing, PATIENCE_MS, unless } from '../../test/chromium.js';
import { ENDLESS, identityModel, productsModel, square } from '../../test/models.js';
import { adaptersInOrder, chromiumFlags } from './chromium-flags.js';
import { connectPage, type PageConnection } from './page-connection.js';

/** A backend whose current page the test can reach. */
function reachable(provider: 'wasm' | 'webgpu') {
  const adapter = adaptersInOrder(provider).at(-1) ?? 'none';
  const launch = { name: 'chromium' as const, executablePath, flags: chromiumFlags(provider, adapter) };
  let page: PageConnection | undefined;
  const connect = async (_: string, timeoutMs: number) => {
    page = await connectPage({ ...launch, timeoutMs }, { provider, threads: 1 });
    return page;
  };
  const current = (): PageConnection => {
    if (page === undefined) throw new Error('no page is open');
    return page;
  };
  return {
    current,
    backend: remoteBackend({ id: `chromium/${provider}`, connect, remedy: null, startTimeoutMs: PATIENCE_MS }),
  };
}

const x = square(1);
const feeds = { x: square(ENDLESS.size) };
const endless = { bytes: productsModel(ENDLESS.size, ENDLESS.products) };
const small = { bytes: identityModel('float32', [1, 1]) };

describe.skipIf(missing)(`a wasm page${unless}`, { timeout: PATIENCE_MS }, () => {
  const { backend, current } = reachable('wasm');
  afterAll(() => backend.close());

  const DEATHS: readonly [what: string, die: () => unknown, message: RegExp][] = [
    // Not by a navigation to chrome://crash: a page that computes does not get to it before it is done.
    ['a crash of the page', () => kill(current(), 'renderer'), /its page crashed/],
    ['a killed browser', () => process.kill(current().browser.pid ?? 0, 'SIGKILL'), /the browser ended/],
  ];
  it.each(DEATHS)('%s is an error of the call under way, and the next open starts afresh', async (_, die, message) => {
    const session = await backend.open(endless, { optimization: 'disabled' });
    const outcome = session.run(feeds).catch((error: unknown) => error);
    await setTimeout(300);
    die();
    expect(await outcome).toMatchObject({ code: 'crashed', message: expect.stringMatching(message) });
    await expect(session.run(feeds)).rejects.toMatchObject({ code: 'crashed' });
    const next = await backend.open(small);
    expect((await next.run({ x })).outputs).toEqual({ y: x });
  });

  it('a page that dies between two calls costs none of them', async () => {
    await backend.open(small);
    const { browser, ended } = current();
    browser.page.goto('chrome://crash').catch(() => {});
    await ended;
    const next = await backend.open(small);
    expect((await next.run({ x })).outputs).toEqual({ y: x });
  });

  it('a hang is ended in time, with its browser', async () => {
    const session = await backend.open(endless, { optimization: 'disabled', timeoutMs: 10_000 });
    const { pid } = current().browser;
    const hung = await session.run(feeds).catch((error: unknown) => error);
    expect(hung).toMatchObject({ code: 'timeout', message: expect.stringContaining('took longer than 10 s') });
    expect(alive(pid)).toBe(false);
  });
});

describe.skipIf(missing)(`a webgpu page${unless}`, { timeout: PATIENCE_MS }, () => {
  const { backend, current } = reachable('webgpu');
  afterAll(() => backend.close());

  it('a killed GPU process is an error of the call under way, and the next open has a GPU again', async () => {
    const session = await backend.open(endless, { optimization: 'disabled' });
    const outcome = session.run(feeds).catch((error: unknown) => error);
    await setTimeout(1000);
    await kill(current(), 'GPU');
    expect(await outcome).toMatchObject({ code: 'crashed', message: expect.stringContaining('GPU device was lost') });
    const next = await backend.open(small);
    expect((await next.run({ x })).outputs).toEqual({ y: x });
  });
});

describe.skipIf(missing || process.platform !== 'linux')(
  `a process that is killed${unless}`,
  { timeout: PATIENCE_MS },
  () => {
    const program = fileURLToPath(new URL('../../test/busy-program.mjs', import.meta.url));
    let child: ChildProcess | undefined;
    afterAll(() => child?.kill('SIGKILL'));

    it('takes its browser and the browser profile along, and the browser prints nothing for it', async () => {
      const before = new Set(profiles());
      const started = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      let printed = '';
      started.stdout.on('data', (text) => {
        printed += text;
      });
      started.stderr.on('data', (text) => {
        printed += text;
      });
      while (!printed.includes('ready')) await setTimeout(50);
      const [profile = ''] = profiles().filter((name) => !before.has(name));
      expect(browsersOf(profile)).not.toBe(0);
      started.kill('SIGKILL');
      while (browsersOf(profile) > 0 || existsSync(join(tmpdir(), profile))) await setTimeout(100);
      expect(printed).toBe('ready\n');
    });
  },
);

/** Ends the browser's processes of a kind. */
async function kill({ browser }: PageConnection, kind: 'renderer' | 'GPU'): Promise<void> {
  const session = await browser.page.context().browser()?.newBrowserCDPSession();
  const answer = await session?.send('SystemInfo.getProcessInfo');
  for (const { id } of answer?.processInfo.filter(({ type }) => type === kind) ?? []) process.kill(id, 'SIGKILL');
}

function alive(pid = 0): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function profiles(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('rheobase-browser-'));
}

/** Number of processes that were started with this profile. */
function browsersOf(profile: string): number {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.filter((id) => commandLine(id).includes(`${profile}/`)).length;
}

function commandLine(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
