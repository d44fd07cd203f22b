/**
 * Finds SwiftShader, the Vulkan driver in software that every Chromium for Linux ships, so that WebGPU runs on machines
 * without a GPU. A Vulkan driver announces itself by a manifest (`*_icd.json`) that `VK_ICD_FILENAMES` points the
 * Vulkan loader to; the loader itself (`libvulkan.so.1`), where the system has none, lies in the same folder.
 */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { badInput } from '@rheobase/exporter/errors';

const MANIFEST = 'vk_swiftshader_icd.json';
const LOADER = 'libvulkan.so.1';

export interface SoftwareVulkan {
  readonly name: string;
  /** Path of the driver's manifest. */
  readonly icd: string;
  /** Environment variables under which a process starts with this driver. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The first manifest of: `RHEOBASE_VULKAN_ICD`; the folders of the browsers on the path and of their usual places;
 * Playwright's browsers. Null where there is none, or no use for one (macOS and Windows bring their own).
 * @throws RheobaseError `bad-input` where `RHEOBASE_VULKAN_ICD` names a file that does not exist.
 */
export function findSoftwareVulkan(env: NodeJS.ProcessEnv = process.env): SoftwareVulkan | null {
  if (process.platform !== 'linux') return null;
  const chosen = env.RHEOBASE_VULKAN_ICD;
  if (chosen) {
    if (!existsSync(chosen)) throw badInput(`RHEOBASE_VULKAN_ICD names ${chosen}, which does not exist`);
    return describe(chosen, env);
  }
  const folder = [...browserFolders(env), ...playwrightFolders(env)].find((path) => existsSync(join(path, MANIFEST)));
  return folder === undefined ? null : describe(join(folder, MANIFEST), env);
}

function describe(icd: string, env: NodeJS.ProcessEnv): SoftwareVulkan {
  const folder = dirname(icd);
  const withLoader = existsSync(join(folder, LOADER));
  const libraryPath = [folder, env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return {
    name: /swiftshader/i.test(icd) ? 'SwiftShader' : icd,
    icd,
    // Two names of one variable: VK_DRIVER_FILES wins in newer loaders, and may be set to something else.
    env: { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd, ...(withLoader ? { LD_LIBRARY_PATH: libraryPath } : {}) },
  };
}

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
const USUAL_FOLDERS = [
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/usr/lib64/chromium-browser',
  '/opt/google/chrome',
  '/opt/chromium.org/chromium',
  '/opt/microsoft/msedge',
  '/snap/chromium/current/usr/lib/chromium-browser',
];

/** On the path a browser is often a script; then its usual folder has the files. */
function browserFolders(env: NodeJS.ProcessEnv): readonly string[] {
  const onPath = (env.PATH ?? '').split(delimiter).flatMap((folder) => BROWSERS.map((name) => join(folder, name)));
  const named = [env.CHROME_PATH, env.CHROMIUM_PATH].filter((path) => path !== undefined);
  return [...named, ...onPath].flatMap(realFolder).concat(USUAL_FOLDERS);
}

/** `…/ms-playwright/chromium-1234/chrome-linux`, newest first. */
function playwrightFolders(env: NodeJS.ProcessEnv): readonly string[] {
  const cache = env.PLAYWRIGHT_BROWSERS_PATH || join(homedir(), '.cache', 'ms-playwright');
  const builds = folders(cache).filter((path) => /chromium/.test(path));
  return builds
    .map((path) => ({ path, changed: statSync(path).mtimeMs }))
    .sort((a, b) => b.changed - a.changed)
    .flatMap(({ path }) => folders(path));
}

function folders(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(path, entry.name));
  } catch {
    return [];
  }
}

function realFolder(path: string): readonly string[] {
  try {
    return [dirname(realpathSync(path))];
  } catch {
    return [];
  }
}
