/**
 * Finds a browser on this machine: the one that the user names, then installed ones, then those that Playwright has
 * downloaded, then Edge, which every Windows has.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { badInput } from '@rheobase/exporter/errors';

/** The browsers that Playwright drives; Chromium stands for all that are built on it. */
export type BrowserName = 'chromium' | 'firefox' | 'webkit';
export const BROWSER_NAMES: readonly BrowserName[] = ['chromium', 'firefox', 'webkit'];

export interface FoundBrowser {
  readonly executablePath: string;
  /** Where it was found: `RHEOBASE_CHROMIUM`, `installed` or `Playwright`. */
  readonly origin: string;
}

/** Variable that names the executable: `RHEOBASE_CHROMIUM`, `RHEOBASE_FIREFOX`, `RHEOBASE_WEBKIT`. */
export function browserVariable(name: BrowserName): string {
  return `RHEOBASE_${name.toUpperCase()}`;
}

/**
 * The executable of a browser, undefined where there is none. Firefox and WebKit are Playwright's own builds alone:
 * it cannot drive the ordinary ones.
 * @throws RheobaseError `bad-input` where the user's variable names what is no executable file.
 */
export async function findBrowser(
  name: BrowserName,
  env: NodeJS.ProcessEnv = process.env,
): Promise<FoundBrowser | undefined> {
  const variable = browserVariable(name);
  const chosen = env[variable];
  if (chosen) {
    if (isExecutable(chosen)) return { executablePath: chosen, origin: variable };
    throw badInput(`${variable} names no executable file: ${chosen}`, { remedy: `correct or unset ${variable}` });
  }
  const installed = name === 'chromium' ? installedChromiums(env).find(isExecutable) : undefined;
  if (installed !== undefined) return { executablePath: installed, origin: 'installed' };
  const downloaded = await playwrightPath(name);
  if (downloaded !== undefined) return { executablePath: downloaded, origin: 'Playwright' };
  const edge = name === 'chromium' ? installedEdges(env).find(isExecutable) : undefined;
  return edge === undefined ? undefined : { executablePath: edge, origin: 'installed' };
}

const CHROMIUM_COMMANDS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'brave-browser',
];
const EDGE_COMMANDS = ['microsoft-edge', 'microsoft-edge-stable', 'msedge'];

function installedChromiums(env: NodeJS.ProcessEnv): readonly string[] {
  switch (process.platform) {
    case 'darwin':
      return [
        ...onPath(CHROMIUM_COMMANDS, env),
        ...macApplication('Chromium', 'Chromium'),
        ...macApplication('Google Chrome', 'Google Chrome'),
      ];
    case 'win32':
      return ['Chromium\\Application\\chrome.exe', 'Google\\Chrome\\Application\\chrome.exe'].flatMap((path) =>
        windowsPrograms(path, env),
      );
    default:
      return [
        ...onPath(CHROMIUM_COMMANDS, env),
        '/usr/lib/chromium/chromium',
        '/usr/lib64/chromium-browser/chromium-browser',
        '/opt/google/chrome/chrome',
        '/snap/bin/chromium',
        '/var/lib/flatpak/exports/bin/org.chromium.Chromium',
      ];
  }
}

function installedEdges(env: NodeJS.ProcessEnv): readonly string[] {
  switch (process.platform) {
    case 'darwin':
      return macApplication('Microsoft Edge', 'Microsoft Edge');
    case 'win32':
      return windowsPrograms('Microsoft\\Edge\\Application\\msedge.exe', env);
    default:
      return [...onPath(EDGE_COMMANDS, env), '/opt/microsoft/msedge/msedge'];
  }
}

function onPath(commands: readonly string[], env: NodeJS.ProcessEnv): readonly string[] {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return commands.flatMap((command) => folders.map((folder) => join(folder, command)));
}

function macApplication(name: string, executable: string): readonly string[] {
  return ['/Applications', join(homedir(), 'Applications')].map((folder) =>
    join(folder, `${name}.app`, 'Contents', 'MacOS', executable),
  );
}

function windowsPrograms(path: string, env: NodeJS.ProcessEnv): readonly string[] {
  const folders = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA];
  return folders.filter((folder) => folder !== undefined).map((folder) => join(folder, path));
}

/** Where Playwright's own build of this version lies, if it has been downloaded. */
async function playwrightPath(name: BrowserName): Promise<string | undefined> {
  const { default: playwright } = await import('playwright-core');
  try {
    const path = playwright[name].executablePath();
    return isExecutable(path) ? path : undefined;
  } catch {
    // Playwright has no build of this browser for this platform.
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
