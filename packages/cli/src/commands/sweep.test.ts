/** The command on backends in processes of their own. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SweepReport } from '@rheobase/harness';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { main } from '../main.js';

const root = mkdtempSync(join(tmpdir(), 'sweep-command-'));
const json = join(root, 'sweep.json');
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

/** Runs `rheobase sweep` and answers its exit code and what it printed. */
async function sweep(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += text;
      return true;
    });
  }
  const code = await main(['sweep', ...args]);
  vi.restoreAllMocks();
  return { code, ...printed };
}

const relu = ['--ops', 'Relu', '--dtypes', 'float32', '--values', 'ordinary'];

it('ends with 0 where nothing differs, and counts what ran', async () => {
  const { code, stdout } = await sweep(...relu, '--backends', 'node/cpu,node/wasm', '--json', json);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^node\/wasm +5 +0 +0 +0$/m);
  expect(stdout).toMatch(/^0 findings$/m);
  const report: SweepReport = JSON.parse(readFileSync(json, 'utf8'));
  expect(report).toMatchObject({ schema: 'rheobase/sweep@1', baseline: 'node/cpu', runs: 5, findings: [] });
});

it('ends with 1 where something does: a crash of the process itself, with a bundle and a command', async () => {
  // The top 2 of an axis of 4, of no rows: onnxruntime-node 1.30 divides by their number.
  const selection = ['--ops', 'TopK', '--dtypes', 'float32', '--opset', '21', '--values', 'ordinary'];
  const { code, stdout } = await sweep(...selection, '--backends', 'node/cpu', '--bundles', join(root, 'bundles'));
  expect(code).toBe(1);
  expect(stdout).toMatch(/^TopK \(float32\) on node\/cpu ends the process for y i = TopK T\[0,4\]/m);
  expect(stdout).toContain(`npx rheobase sweep ${selection.join(' ')} --backends node/cpu`);
  expect(existsSync(join(root, 'bundles', 'topk-crash-cpu', 'model.onnx'))).toBe(true);
});

it('keeps what it does in a folder, and does nothing twice', async () => {
  const out = join(root, 'kept');
  const first = await sweep(...relu, '--backends', 'node/cpu,node/wasm', '--out', out);
  const again = await sweep(...relu, '--backends', 'node/cpu,node/wasm', '--out', out);
  expect([first.code, again.code]).toEqual([0, 0]);
  expect(again.stdout).toBe(first.stdout);
  expect(again.stderr).not.toContain('sweeping');
  expect(JSON.parse(readFileSync(join(out, 'sweep.json'), 'utf8'))).toMatchObject({ runs: 5, complete: true });
  const other = await sweep(...relu, '--backends', 'node/cpu', '--out', out);
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('name another folder') });
});

it.each([
  [['--ops', 'Rleu'], /no operator Rleu/],
  [['--dtypes', 'float31'], /--dtypes: there is no "float31"/],
  [['--values', 'odd'], /--values: there is no "odd"/],
  [['--opset', 'x'], /--opset: takes whole numbers/],
])('refuses %j', async (args, text) => {
  const { code, stderr } = await sweep(...args, '--backends', 'node/cpu');
  expect(stderr).toMatch(text);
  expect(code).toBe(2);
});
