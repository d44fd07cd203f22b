/**
 * One browser process with one page, headless, with a profile of its own. It ends with this process, whatever ends
 * that: the browser listens to a pipe, and leaves when the pipe closes.
 */
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { RheobaseError, toPlainError } from '@rheobase/exporter/errors';
import { lateness, withTimeout } from '@rheobase/runtime/host';
import type { BrowserContext, Page } from 'playwright-core';
import { type BrowserName, browserVariable } from './find-browser.js';
import { makeScratch, removeScratch } from './scratch-keeper.js';

/** A browser asked to close gets this long before it is killed. */
const CLOSE_TIMEOUT_MS = 3_000;

export interface LaunchOptions {
  readonly name: BrowserName;
  readonly executablePath: string;
  readonly flags: readonly string[];
  /** Time it may take, in ms. Starting takes half a second; on a machine with far more work than cores, a minute. */
  readonly timeoutMs: number;
}

export interface Browser {
  readonly page: Page;
  readonly version: string;
  /** Process number of the browser, undefined where the browser does not tell. */
  readonly pid: number | undefined;
  /** Resolves with what happened when the page or the browser is gone. */
  readonly ended: Promise<string>;
  /** Ends the browser, however busy its page is, and removes its profile. Idempotent. */
  close(): Promise<void>;
}

/** @throws RheobaseError `unavailable` where the browser does not start, `timeout` where it does not in time. */
export async function launchBrowser({ name, executablePath, flags, timeoutMs }: LaunchOptions): Promise<Browser> {
  const { default: playwright } = await import('playwright-core');
  const deadline = performance.now() + timeoutMs;
  const scratch = makeScratch();
  const profile = join(scratch, 'profile');
  let context: BrowserContext;
  try {
    context = await playwright[name].launchPersistentContext(profile, {
      executablePath,
      artifactsDir: join(scratch, 'artifacts'),
      args: [...flags],
      headless: true,
      // Chromium refuses its sandbox to root; for everybody else it stays on.
      chromiumSandbox: process.getuid?.() !== 0,
      // Signals are the program's own to handle.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      // None at all would be no limit.
      timeout: Math.max(timeoutMs, 1),
      // Whatever the browser drops on its way lies in our folder. On macOS that path is too long for its sockets.
      ...(process.platform === 'linux' ? { env: { ...environment(), TMPDIR: scratch } } : {}),
    });
  } catch (error) {
    await removeScratch(scratch);
    if (error instanceof Error && error.name === 'TimeoutError') throw lateness(timeoutMs, 'did not start within');
    throw cannotStart(name, executablePath, toPlainError(error).what);
  }
  let facts: { readonly page: Page; readonly pid: number | undefined };
  try {
    const left = Math.max(deadline - performance.now(), 0);
    facts = await withTimeout(factsOf(context), left, 'gave no page within');
  } catch (error) {
    await endBrowser(context, await ownerOf(profile));
    await removeScratch(scratch);
    throw error;
  }
  const { page, pid } = facts;

  const ended = new Promise<string>((resolve) => {
    page.on('crash', () => resolve('its page crashed'));
    context.on('close', () => resolve('the browser ended'));
  });
  const end = async (): Promise<void> => {
    await endBrowser(context, pid);
    await removeScratch(scratch);
  };
  let ending: Promise<void> | undefined;
  return {
    page,
    version: context.browser()?.version() ?? '',
    pid,
    ended,
    close: () => {
      ending ??= end();
      return ending;
    },
  };
}

async function factsOf(context: BrowserContext): Promise<{ page: Page; pid: number | undefined }> {
  const page = context.pages()[0] ?? (await context.newPage());
  return { page, pid: await processId(context) };
}

/** Asks it to close, and kills it where that does nothing. */
async function endBrowser(context: BrowserContext, pid: number | undefined): Promise<void> {
  const closing = context.close().catch(() => {});
  const late = await Promise.race([closing, setTimeout(CLOSE_TIMEOUT_MS, 'late', { ref: false })]);
  if (late === undefined || pid === undefined) return;
  killTree(pid);
  await closing;
}

/** Chromium names its process in the lock on its profile (`host-pid`), also when it does not answer any more. */
async function ownerOf(profile: string): Promise<number | undefined> {
  const lock = await readlink(join(profile, 'SingletonLock')).catch(() => '');
  const pid = Number(/-(\d+)$/.exec(lock)?.[1]);
  return pid > 0 ? pid : undefined;
}

async function processId(context: BrowserContext): Promise<number | undefined> {
  try {
    const session = await context.browser()?.newBrowserCDPSession();
    const answer = await session?.send('SystemInfo.getProcessInfo');
    await session?.detach();
    return answer?.processInfo.find(({ type }) => type === 'browser')?.id;
  } catch {
    // Only Chromium speaks this protocol.
    return undefined;
  }
}

/** Playwright makes the browser the leader of a process group, so that none of its processes is left writing. */
function killTree(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

function environment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => !!entry[1]));
}

/** What browsers print when they cannot start, and what helps. */
const START_PROBLEMS: readonly { readonly pattern: RegExp; readonly remedy: (library: string) => string }[] = [
  {
    pattern: /No usable sandbox|sandbox_host_linux|namespace sandbox/,
    remedy: () => 'allow unprivileged user namespaces, or install the browser as a package of the system',
  },
  {
    pattern: /error while loading shared libraries: ([\w.+-]+)/,
    remedy: (library) => `install the library ${library}`,
  },
];

function cannotStart(name: BrowserName, executablePath: string, log: string): RheobaseError {
  const problem = START_PROBLEMS.map(({ pattern, remedy }) => ({ match: pattern.exec(log), remedy })).find(
    ({ match }) => match,
  );
  const [reason] = log.replace(/^.*?launchPersistentContext: /, '').split(/ (?:Browser logs|Call log|╔)/);
  return new RheobaseError('unavailable', `${name} does not start: ${problem?.match?.[0] ?? reason}`, {
    where: executablePath,
    remedy: problem?.remedy(problem.match?.[1] ?? '') ?? `name another browser in ${browserVariable(name)}`,
  });
}
