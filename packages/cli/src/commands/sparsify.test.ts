import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildModel, constant, input, modelInfo, op, random, type Tensor } from '@rheobase/exporter';
import { readModelFile, writeModelFile } from '@rheobase/exporter/node';
import { writeTensorsFile } from '@rheobase/runtime/files';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../main.js';

const folder = mkdtempSync(join(tmpdir(), 'rheobase-sparsify-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

const draw = random(4, 'sparsify command');
const floats = (...shape: number[]): Tensor<'float32'> => {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return { dtype: 'float32', shape, data: Float32Array.from({ length: size }, () => draw.uniform() - 0.5) };
};

beforeAll(async () => {
  const x = input('pixels', 'float32', ['batch', 8]);
  const weight = (...shape: number[]) => constant(floats(...shape));
  const hidden = op.relu(op.gemm(x, weight(40, 8), weight(40), { transB: true }));
  const model = (y: typeof hidden) => buildModel({ inputs: [x], outputs: { y } });
  await writeModelFile(at('model.onnx'), model(op.gemm(hidden, weight(10, 40), weight(10), { transB: true })));
  await writeModelFile(at('linear.onnx'), model(op.matMul(x, weight(8, 10))));
  await writeModelFile(at('ten.onnx'), model(op.relu(op.matMul(x, weight(8, 10)))));
  const labels: Tensor<'int64'> = {
    dtype: 'int64',
    shape: [80],
    data: BigInt64Array.from({ length: 80 }, (_, n) => BigInt(n % 10)),
  };
  await writeTensorsFile(at('samples.npz'), { pixels: floats(80, 8), y: labels });
  await writeTensorsFile(at('wide.npz'), { pixels: floats(80, 9) });
});

async function command(...args: string[]) {
  const errors = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const texts = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const code = await main(['sparsify', ...args]);
    const lines = errors.mock.calls.map(([text]) => String(text)).filter((text) => text.startsWith('rheobase:'));
    return { code, errors: lines, output: texts.mock.calls.map(([text]) => String(text)).join('') };
  } finally {
    errors.mockRestore();
    texts.mockRestore();
  }
}

describe('sparsify', () => {
  it('writes a model of the same interface, a report and a page', async () => {
    const files = ['-o', at('sparse.onnx'), '--json', at('report.json'), '--html', at('page.html')];
    const data = ['--data', at('samples.npz'), '--target-sparsity', '0.8', '--lowering', 'adaptive'];
    const { code, output } = await command(at('model.onnx'), ...data, ...files);
    expect(code).toBe(0);
    expect(output).toContain('silent');
    const report = JSON.parse(readFileSync(at('report.json'), 'utf8'));
    expect(report).toMatchObject({ schema: 'rheobase/sparsify@1', deadNeurons: expect.any(Number) });
    expect(Object.keys(report.layers[0])).toEqual(['node', 'theta', 'sparsity', 'lowering', 'outputError']);
    expect(report.layers[0].sparsity).toBeCloseTo(0.8, 1);
    expect(Object.keys(report.accuracy)).toEqual(['before', 'after']);
    const [before, after] = [await readModelFile(at('model.onnx')), await readModelFile(at('sparse.onnx'))];
    expect(modelInfo(after).inputs).toEqual(modelInfo(before).inputs);
    expect(modelInfo(after).outputs).toEqual(modelInfo(before).outputs);
    expect(readFileSync(at('page.html'), 'utf8')).toContain('<svg');
  });

  it('raises the thresholds of its own result', async () => {
    const goal = ['--data', at('samples.npz'), '--lowering', 'dense', '--json', at('again.json')];
    expect((await command(at('sparse.onnx'), ...goal, '--target-sparsity', '0.9', '-o', at('again.onnx'))).code).toBe(
      0,
    );
    const [first, again] = ['report.json', 'again.json'].map((name) => JSON.parse(readFileSync(at(name), 'utf8')));
    expect(again.layers[0].theta).toBeGreaterThan(first.layers[0].theta);
    expect(again.sparsity).toBeCloseTo(0.9, 1);
  });

  it.each([
    [
      'a target that ten outputs cannot keep',
      'ten.onnx',
      'samples.npz',
      ['--target-sparsity', '0.999'],
      'leaves less than one of 10',
    ],
    [
      'data of the wrong shape',
      'model.onnx',
      'wide.npz',
      ['--target-sparsity', '0.5'],
      "input 'pixels': it takes [batch, 8]",
    ],
    ['a model without activations', 'linear.onnx', 'samples.npz', ['--target-sparsity', '0.5'], 'no activation'],
    ['a budget without labels', 'model.onnx', 'unlabelled.npz', ['--max-drop', '1'], 'needs labels'],
    ['data that is not there', 'model.onnx', 'nowhere.npz', ['--target-sparsity', '0.5'], 'nowhere.npz'],
    ['two goals', 'model.onnx', 'samples.npz', ['--target-sparsity', '0.5', '--max-drop', '1'], 'one goal'],
    [
      'a cost model of another backend',
      'model.onnx',
      'samples.npz',
      ['--target-sparsity', '0.5', '--cost', 'cost.json'],
      'node/wasm',
    ],
  ])('refuses %s with one line, and writes nothing', async (_, model, data, options, message) => {
    await writeTensorsFile(at('unlabelled.npz'), { pixels: floats(20, 8) });
    const costs = { baseMs: 0, msPerByte: 0 };
    const cost = { backend: 'node/wasm', threads: 1, dense: costs, sparse: { ...costs, msPerNeuron: 0 } };
    writeFileSync(
      at('cost.json'),
      JSON.stringify({ schema: 'rheobase/crossover@1', backends: [{ model: cost, points: [] }] }),
    );
    const given = options.map((option) => (option.endsWith('.json') ? at(option) : option));
    const { code, errors } = await command(at(model), '--data', at(data), ...given, '-o', at('never.onnx'));
    expect(code).toBe(2);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(message);
    expect(errors[0]?.trimEnd()).not.toContain('\n');
    expect(existsSync(at('never.onnx'))).toBe(false);
  });
});
