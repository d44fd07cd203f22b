/** The command on backends in processes of their own, one of which really aborts. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildModel, encodeModel, input, type Model, op } from '@rheobase/exporter';
import { type Tensor, tensor } from '@rheobase/exporter/tensor';
import { encodeTensorProto } from '@rheobase/runtime/files';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { main } from '../main.js';

const root = mkdtempSync(join(tmpdir(), 'conformance-command-'));
const json = join(root, 'report.json');

beforeAll(() => {
  const x = input('x', 'float32', [2]);
  const given = tensor('float32', [2], Float32Array.of(-1, 2));
  const relu = buildModel({ inputs: [x], outputs: { y: op.relu(x) } });
  // onnxruntime-node 1.30 cannot give an int4 output to V8, which ends the process.
  const int4 = buildModel({ inputs: [x], outputs: { y: op.cast(x, 'int4') } });
  writeCase('node/test_a_int4', int4, given, tensor('int4', [2], Uint8Array.of(0x2f)));
  writeCase('node/test_b_relu', relu, given, tensor('float32', [2], Float32Array.of(0, 2)));
  writeCase('tampered/test_relu', relu, given, tensor('float32', [2], Float32Array.of(0, 3)));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

function writeCase(name: string, model: Model, given: Tensor, expected: Tensor): void {
  const folder = join(root, name, 'test_data_set_0');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(root, name, 'model.onnx'), encodeModel(model));
  writeFileSync(join(folder, 'input_0.pb'), encodeTensorProto(given));
  writeFileSync(join(folder, 'output_0.pb'), encodeTensorProto(expected));
}

/** Runs `rheobase conformance` and answers its exit code and what it printed. */
async function conformance(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += text;
      return true;
    });
  }
  const code = await main(['conformance', ...args]);
  vi.restoreAllMocks();
  return { code, ...printed };
}

it('a crash costs one case, and ends with 1', async () => {
  const { code, stdout } = await conformance(root, '--backends', 'node/cpu,node/wasm', '--json', json);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^node\/cpu +1 +0 +0 +1$/m);
  expect(stdout).toMatch(/^node\/cpu +crashed +test_a_int4 +.*SIGABRT/m);
  expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual({
    schema: 'rheobase/conformance@1',
    backends: [
      {
        id: 'node/cpu',
        passed: 1,
        failed: 0,
        unsupported: 0,
        crashed: 1,
        cases: [
          { name: 'test_a_int4', outcome: 'crashed', reason: expect.stringMatching(/ended by SIGABRT/) },
          { name: 'test_b_relu', outcome: 'passed', reason: null },
        ],
      },
      {
        id: 'node/wasm',
        passed: 1,
        failed: 0,
        unsupported: 1,
        crashed: 0,
        cases: [
          { name: 'test_a_int4', outcome: 'unsupported', reason: expect.stringMatching(/cannot carry int4/) },
          { name: 'test_b_relu', outcome: 'passed', reason: null },
        ],
      },
    ],
  });
});

it('ends with 0 where nothing failed, and prints the report alone for --json -', async () => {
  const { code, stdout } = await conformance(root, '--backends', 'node/cpu', '--filter', 'relu$', '--json', '-');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ backends: [{ passed: 1, cases: [{ name: 'test_b_relu' }] }] });
});

it('a wrong output fails, within a wider tolerance it does not', async () => {
  const tampered = [join(root, 'tampered'), '--backends', 'node/cpu'];
  expect(await conformance(...tampered)).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/largest difference 1/),
  });
  expect(await conformance(...tampered, '--rtol', '0.5')).toMatchObject({ code: 0 });
});

it('a backend that was asked for and is missing ends with 3, the others having run', async () => {
  const missing = process.platform === 'darwin' ? 'node/dml' : 'node/coreml';
  const { code, stdout, stderr } = await conformance(
    join(root, 'node/test_b_relu'),
    '--backends',
    `${missing},node/cpu`,
  );
  expect(code).toBe(3);
  expect(stdout).toMatch(/^node\/cpu +1 +0 +0 +0$/m);
  expect(stderr).toContain(`rheobase: ${missing}: `);
});

it.each([
  ['a folder that is none', ['nowhere'], /nowhere: is no folder/],
  ['a filter that matches nothing', [root, '--filter', 'gelu'], /--filter gelu: matches none of the 2 tests/],
  ['a filter that is no expression', [root, '--filter', '('], /is no regular expression/],
  ['a tolerance below zero', [root, '--rtol', '-1'], /--rtol must be 0 or more, got -1/],
])('refuses %s', async (_what, args, text) => {
  expect(await conformance(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(text) });
});
