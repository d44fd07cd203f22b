/** Gets a browser onto this machine: Playwright's own download, or Debian's package where that cannot be reached. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { RheobaseError } from '@rheobase/exporter/errors';
import { type BrowserName, browserVariable, type FoundBrowser, findBrowser } from './find-browser.js';

export interface InstallBrowserOptions {
  /** Gets what the installers print, as they print it; standard error where left out. */
  readonly onOutput?: (text: string) => void;
}

interface Attempt {
  readonly what: string;
  /** Run one after the other. */
  readonly commands: readonly (readonly string[])[];
}

/**
 * Installs a browser and answers where it is. One that is already there is left as it is.
 * @throws RheobaseError `failed` where no way led to one, with each way's last word.
 */
export async function installBrowser(name: BrowserName, options: InstallBrowserOptions = {}): Promise<FoundBrowser> {
  const { onOutput = (text) => process.stderr.write(text) } = options;
  const present = await findBrowser(name);
  if (present !== undefined) return present;
  const failures: string[] = [];
  for (const { what, commands } of attempts(name)) {
    const failure = await runAll(commands, onOutput);
    const found = await findBrowser(name);
    if (failure === undefined && found !== undefined) return found;
    failures.push(`${what}: ${failure ?? 'it ended well, but the browser is not where it should be'}`);
  }
  throw new RheobaseError('failed', `no ${name} could be installed (${failures.join('; ')})`, {
    remedy: `install one by hand, or name its executable in ${browserVariable(name)}`,
  });
}

function attempts(name: BrowserName): readonly Attempt[] {
  // Its command line is no export of the package.
  const cli = join(dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js');
  const download: Attempt = {
    what: "Playwright's download",
    commands: [[process.execPath, cli, 'install', '--no-shell', name]],
  };
  if (name !== 'chromium' || !isRootOnDebian()) return [download];
  const apt: Attempt = {
    what: 'apt-get',
    commands: [
      ['apt-get', 'update'],
      ['apt-get', 'install', '--yes', '--no-install-recommends', 'chromium'],
    ],
  };
  return [download, apt];
}

function isRootOnDebian(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

/** The reason of the first failure in one line, undefined where there was none. */
async function runAll(commands: Attempt['commands'], onOutput: (text: string) => void): Promise<string | undefined> {
  for (const command of commands) {
    onOutput(`${command.join(' ')}\n`);
    const failure = await run(command, onOutput);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

async function run([command = '', ...args]: readonly string[], onOutput: (text: string) => void) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  let end = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      onOutput(text);
      end = `${end}${text}`.slice(-4000);
    });
  }
  return new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(lastError(end) ?? `it ended with ${signal ?? `code ${code}`}`);
    });
  });
}

/** What the network says, else what the installer calls an error, else its last line. */
const TELLING = [/\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b/, /^(?:E:|Error)/, /./];

function lastError(text: string): string | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => !line.startsWith('at '));
  return TELLING.map((pattern) => lines.findLast((line) => pattern.test(line))).find((line) => line !== undefined);
}
