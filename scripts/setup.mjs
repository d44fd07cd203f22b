/**
 * Brings a fresh clone to the point where everything runs: dependencies, build, a browser, a software Vulkan driver.
 * Plain Node without dependencies, because it runs before there are any. Every step looks first and does only what
 * is missing, so running it again costs next to nothing.
 *
 *     node scripts/setup.mjs [--cuda] [--no-browser]
 *
 * --cuda        also download ONNX Runtime's CUDA libraries (Linux and Windows x64)
 * --no-browser  do not look for or install a browser
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const STAMP = join(ROOT, 'node_modules', '.rheobase-setup.json');
const OLDEST_NODE = [20, 19];
const wanted = new Set(process.argv.slice(2));

checkNode();
const started = performance.now();
install();
build();
if (wanted.has('--cuda')) await installCuda();
if (!wanted.has('--no-browser')) await findBrowser();
await findVulkan();
say('ready', `${((performance.now() - started) / 1000).toFixed(1)} s`);

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(`Node ${process.versions.node} is too old; install Node ${OLDEST_NODE.join('.')} or newer`);
}

/** Installs when node_modules is missing or was made from another lockfile, Node or platform. */
function install() {
  const key = hash([
    readFileSync(join(ROOT, 'package-lock.json')),
    `${process.platform} ${process.arch} ${process.versions.modules}`,
  ]);
  if (stamp().install === key) {
    say('dependencies', 'up to date');
    return;
  }
  say('dependencies', 'installing with npm ci (a minute or two) …');
  // onnxruntime-node's install script downloads CUDA libraries; they come on request only (--cuda).
  run(npmCommand(), ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    ONNXRUNTIME_NODE_INSTALL: 'skip',
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
  });
  saveStamp({ install: key });
}

/** Builds through turbo, unless no source has changed since the last build that succeeded here. */
function build() {
  const key = hash(sourceStates());
  if (stamp().build === key && buildOutputs().every((file) => existsSync(file))) {
    say('build', 'up to date');
    return;
  }
  say('build', 'building …');
  const turbo = join(ROOT, 'node_modules', 'turbo', 'bin', 'turbo');
  run(process.execPath, [turbo, 'run', 'build', '--output-logs=errors-only', '--log-prefix=none'], {
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
  });
  saveStamp({ build: key });
}

async function installCuda() {
  const { installNodeCuda } = await builtPackage('runtime-node', 'index.js');
  say('cuda', 'downloading ONNX Runtime’s CUDA libraries …');
  await attempt('cuda', () => installNodeCuda({ onOutput: (text) => process.stderr.write(text) }));
}

async function findBrowser() {
  const { findBrowser, installBrowser } = await builtPackage('runtime-web', 'driver/index.js');
  const found = await findBrowser('chromium');
  if (found !== undefined) {
    say('browser', found.executablePath);
    return;
  }
  say('browser', 'none found, installing Chromium …');
  await attempt('browser', async () => {
    await installBrowser('chromium');
    say('browser', (await findBrowser('chromium'))?.executablePath ?? 'installed, but not found');
  });
}

/** Nothing is installed here: the driver is part of Chromium. Told, so that a missing node/webgpu surprises nobody. */
async function findVulkan() {
  const { hasGpu } = await builtPackage('runtime', 'node/index.js');
  const { findSoftwareVulkan } = await builtPackage('runtime-node', 'index.js');
  if (hasGpu()) {
    say('vulkan', 'a GPU is present; its own driver is used');
    return;
  }
  const driver = findSoftwareVulkan();
  const missing = 'no software driver found; node/webgpu will be unavailable';
  say('vulkan', driver === null ? missing : `software driver ${driver.name}: ${driver.icd}`);
}

/** Sets the step up if it can, else says what is missing and goes on without. */
async function attempt(step, work) {
  try {
    await work();
  } catch (error) {
    say(step, `${error.message} (going on without)`);
  }
}

function builtPackage(name, file) {
  return import(pathToFileURL(join(ROOT, 'packages', name, 'dist', file)).href);
}

/** Name, size and time of every file that a build reads: cheaper than reading them, and enough to notice an edit. */
function sourceStates() {
  const states = [readFileSync(join(ROOT, 'tsconfig.base.json')), stamp().install ?? ''];
  for (const folder of buildFolders()) {
    for (const file of readdirSync(folder).filter(isBuildFile)) states.push(stateOf(join(folder, file)));
    for (const part of ['src', 'bin', 'scripts', 'schema'])
      walk(join(folder, part), (file) => states.push(stateOf(file)));
  }
  return states;
}

/** Beside a package's folders: package.json, tsconfig.json, a page and how it is bundled. */
function isBuildFile(name) {
  return /\.(json|html|ts|mjs)$/.test(name);
}

function buildFolders() {
  return ['packages', 'examples']
    .flatMap((group) => readdirSync(join(ROOT, group)).map((name) => join(ROOT, group, name)))
    .concat(join(ROOT, 'test'))
    .filter((folder) => existsSync(join(folder, 'package.json')));
}

function buildOutputs() {
  return buildFolders()
    .filter((folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts?.build !== undefined)
    .map((folder) => join(folder, 'dist'));
}

function walk(folder, visit) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(path, visit);
    else visit(path);
  }
}

function stateOf(path) {
  if (!existsSync(path)) return '';
  const { size, mtimeMs } = statSync(path);
  return `${path} ${size} ${mtimeMs}`;
}

function hash(parts) {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest('hex');
}

function stamp() {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8'));
  } catch {
    return {};
  }
}

function saveStamp(change) {
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, JSON.stringify({ ...stamp(), ...change }));
}

function npmCommand() {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm';
}

function run(command, args, env) {
  const { status, error, signal } = spawnSync(command, args, {
    cwd: ROOT,
    // Standard output belongs to whoever called the set-up.
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  fail(
    `${command} ${args.join(' ')} ${error?.message ?? (signal ? `was ended by ${signal}` : `ended with ${status}`)}`,
  );
}

function say(step, text) {
  process.stderr.write(`setup  ${step.padEnd(13)} ${text}\n`);
}

function fail(text) {
  process.stderr.write(`setup: ${text}\n`);
  process.exit(1);
}
