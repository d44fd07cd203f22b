import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildModel, constant, input, modelInfo, op, random, type Tensor } from '@rheobase/exporter';
import { readModelFile, writeModelFile } from '@rheobase/exporter/node';
import { readTensorsFile, writeTensorsFile } from '@rheobase/runtime/files';
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

  it('goes on where a calibration stopped, serves another goal with it, and refuses it for another gate', async () => {
    const kept = ['--data', at('samples.npz'), '--calibration', at('kept.npz'), '--lowering', 'dense'];
    const first = await command(at('model.onnx'), ...kept, '--target-sparsity', '0.8', '-o', at('kept.onnx'));
    expect(first.code).toBe(0);
    const whole = await readTensorsFile(at('kept.npz'));
    expect([...(whole.progress?.data ?? [])]).toEqual([80, 80]);
    const again = await command(at('model.onnx'), ...kept, '--max-error', '0.2', '-o', at('kept.onnx'));
    expect(again.code).toBe(0);
    expect(await readTensorsFile(at('kept.npz'))).toEqual(whole);
    const other = ['--gate', 'magnitude', '--target-sparsity', '0.8', '-o', at('never.onnx')];
    const { code, errors } = await command(at('model.onnx'), ...kept, ...other);
    expect(code).toBe(2);
    expect(errors.join()).toContain('another model, gate or data');
  });

  it('takes shares by layer, and names the layers where one is unknown', async () => {
    const goal = ['--data', at('samples.npz'), '--lowering', 'gather', '--json', at('layers.json')];
    expect((await command(at('model.onnx'), ...goal, '--layer-sparsity', 'relu=0.9', '-o', at('l.onnx'))).code).toBe(0);
    const report = JSON.parse(readFileSync(at('layers.json'), 'utf8'));
    expect(report.layers[0].sparsity).toBeCloseTo(0.9, 1);
    const unknown = await command(at('model.onnx'), ...goal, '--layer-sparsity', 'act=0.9', '-o', at('never.onnx'));
    expect(unknown.code).toBe(2);
    expect(unknown.errors.join()).toContain('choose from relu');
  });

  it('takes whole runs, and inputs that become constants', async () => {
    const x = input('frame', 'float32', ['batch', 8]);
    const state = input('state', 'float32', [2, 'batch', 4]);
    const fast = input('fast', 'bool', []);
    const sum = op.add(x, op.concat([op.gather(state, 0), op.gather(state, 1)], { axis: 1 }));
    const hidden = op.relu(op.matMul(sum, constant(floats(8, 40))));
    const y = op.ifElse(
      fast,
      () => op.matMul(hidden, constant(floats(40, 3))),
      () => op.matMul(hidden, constant(floats(40, 3))),
    );
    await writeModelFile(at('stateful.onnx'), buildModel({ inputs: [x, state, fast], outputs: { y } }));
    const runs = Array.from({ length: 20 }, (_, run) => [
      [`run${run}/frame`, floats(1, 8)] as const,
      [`run${run}/state`, floats(2, 1, 4)] as const,
    ]);
    await writeTensorsFile(at('runs.npz'), Object.fromEntries(runs.flat()));
    const given = ['--data', at('runs.npz'), '--target-sparsity', '0.8', '--json', at('runs.json')];
    const { code, errors } = await command(at('stateful.onnx'), ...given, '--fix', 'fast=true', '-o', at('runs.onnx'));
    expect([code, errors]).toEqual([0, []]);
    expect(modelInfo(await readModelFile(at('runs.onnx'))).inputs.map(({ name }) => name)).toEqual(['frame', 'state']);
    expect(JSON.parse(readFileSync(at('runs.json'), 'utf8')).layers[0].sparsity).toBeCloseTo(0.8, 1);
    const wrong = await command(at('stateful.onnx'), ...given, '--fix', 'fast=maybe', '-o', at('never.onnx'));
    expect([wrong.code, wrong.errors.length]).toEqual([2, 1]);
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
    [
      'a budget that no threshold meets',
      'model.onnx',
      'samples.npz',
      ['--max-error', '1e-7'],
      'no threshold keeps the budget: with the lowest one the output is off by',
    ],
    [
      'a share for a layer that is no share',
      'model.onnx',
      'samples.npz',
      ['--layer-sparsity', 'relu=1.5'],
      '1.5 is no share',
    ],
    [
      'an output that is not there',
      'model.onnx',
      'samples.npz',
      ['--target-sparsity', '0.5', '--scores', 'z'],
      "output 'z'",
    ],
    [
      'blocks of what has none',
      'model.onnx',
      'samples.npz',
      ['--target-sparsity', '0.5', '--block-size', '8'],
      'no blocks',
    ],
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
