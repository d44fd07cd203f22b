/**
 * What `npm test` does after the set-up: lint, types of the tests, then vitest. Arguments go on to vitest
 * (`npm test -- packages/harness`). The last line counts the tests.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const tool = (...path) => join(ROOT, 'node_modules', ...path);
const filters = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'rheobase-test-'));
const results = join(folder, 'results.json');

try {
  if (filters.length === 0) {
    step('lint', tool('@biomejs', 'biome', 'bin', 'biome'), ['check', '.']);
    step('types', tool('typescript', 'bin', 'tsc'), ['-p', 'tsconfig.json']);
  }
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const status = node(tool('vitest', 'vitest.mjs'), ['run', ...reporters, ...filters]);
  const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
    readFileSync(results, 'utf8'),
  );
  // A suite that fails outside a test (an import, a hook) counts no test as failed, yet it failed.
  const failed = status === 0 ? numFailedTests : Math.max(numFailedTests, numFailedTestSuites, 1);
  console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`);
  process.exitCode = failed === 0 && numPassedTests > 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function step(name, script, args) {
  console.log(`test  ${name}`);
  if (node(script, args) !== 0) {
    console.log('0 passed, 1 failed');
    process.exit(1);
  }
}

function node(script, args) {
  return spawnSync(process.execPath, [script, ...args], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] }).status;
}
