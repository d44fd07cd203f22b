/** The commands that read and write files, as scripts use them: what they write, and how they end. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkModel, decodeModel, modelInfo } from '@rheobase/exporter';
import { writeModelFile } from '@rheobase/exporter/node';
import type { VerifyReport } from '@rheobase/harness';
import type { TrainLog } from '@rheobase/trainer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Finished, rheobase, scratchFolder } from './command.js';

const folder = scratchFolder();
const at = (name: string): string => join(folder, name);
const json = (name: string): unknown => JSON.parse(readFileSync(at(name), 'utf8'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('export', () => {
  it.each([
    ['relu', 'where'],
    ['relu', 'thresholdedRelu'],
    ['leakyRelu', 'where'],
    ['elu', 'where'],
  ])('writes a valid model with f = %s as %s', async (activation, lowering) => {
    const file = at(`${activation}-${lowering}.onnx`);
    const { code } = await rheobase([
      'export',
      'mnist-mlp',
      '--activation',
      activation,
      '--lowering',
      lowering,
      '-o',
      file,
    ]);
    expect(code).toBe(0);
    const model = decodeModel(readFileSync(file));
    expect(checkModel(model)).toEqual([]);
    const [x] = modelInfo(model).inputs;
    expect([x.name, x.dtype, x.shape]).toEqual(['x', 'float32', ['batch', 784]]);
    const operators = model.graph.nodes.map(({ opType }) => opType);
    expect(operators).toEqual(
      expect.arrayContaining(lowering === 'where' ? ['Greater', 'Where'] : ['ThresholdedRelu']),
    );
  });

  it('gives the same bytes for the same seed, and others for another', async () => {
    const write = async (name: string, seed: string): Promise<Buffer> => {
      await rheobase(['export', 'mnist-mlp', '--seed', seed, '-o', at(name)]);
      return readFileSync(at(name));
    };
    const first = await write('a.onnx', '3');
    expect((await write('b.onnx', '3')).equals(first)).toBe(true);
    expect((await write('c.onnx', '4')).equals(first)).toBe(false);
  });
});

describe('train', () => {
  let finished: Finished;
  beforeAll(async () => {
    const options = ['--images', '3000', '--epochs', '2', '-o', at('trained.onnx'), '--json', at('train.json')];
    finished = await rheobase(['train', 'mnist-mlp', ...options]);
  });

  it('writes its log by the contract, and has learnt', () => {
    expect(finished.code).toBe(0);
    const log = json('train.json') as TrainLog;
    const keys = ['schema', 'recipe', 'backend', 'seed', 'epochs', 'train', 'test', 'sparsity', 'thetas', 'msPerStep'];
    expect(Object.keys(log)).toEqual(expect.arrayContaining(keys));
    expect(log).toMatchObject({ schema: 'rheobase/train@1', recipe: 'mnist-mlp', backend: 'node/cpu', seed: 0 });
    expect(log.epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(log.epochs[1].loss).toBeLessThan(log.epochs[0].loss);
    expect(log.test.accuracy).toBeGreaterThan(0.8);
    expect(log.thetas).toEqual({ sparse_activation: 0.2 });
    expect(log.sparsity.sparse_activation).toBeGreaterThan(0.3);
  });

  it('gives a model that verifies', async () => {
    const { code, stdout } = await rheobase([
      'verify',
      at('trained.onnx'),
      '--backends',
      'node/cpu,node/wasm',
      '--dim',
      'batch=3',
      '--runs',
      '3',
      '--json',
      '-',
    ]);
    const report = JSON.parse(stdout) as VerifyReport;
    expect(report.verdict).toBe('agree');
    expect(code).toBe(0);
    expect(report.comparisons[0].count).toBe(30);
  });

  it('refuses a recipe that does not exist', async () => {
    const { code, stderr } = await rheobase(['train', 'mnist-mpl']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/no recipe is called "mnist-mpl"; choose mnist-mlp/);
  });
});

describe('inspect and check', () => {
  beforeAll(async () => {
    await rheobase(['export', 'mnist-mlp', '--lowering', 'thresholdedRelu', '--opset', '22', '-o', at('opset22.onnx')]);
  });

  it('inspect tells inputs, operators and weights', async () => {
    const { stdout } = await rheobase(['inspect', at('opset22.onnx'), '--json', '-']);
    const summary = JSON.parse(stdout) as Record<string, unknown>;
    expect(summary).toMatchObject({
      opsets: { 'ai.onnx': 22 },
      inputs: [{ name: 'x', type: 'float32 [batch, 784]' }],
      parameters: 784 * 128 + 128 + 128 * 10 + 10,
    });
    expect(summary.operators).toMatchObject({ Gemm: 2, ThresholdedRelu: 1 });
  });

  it('inspect --text prints the graph', async () => {
    const { stdout } = await rheobase(['inspect', at('opset22.onnx'), '--text']);
    expect(stdout).toContain('ThresholdedRelu');
    expect(stdout).toContain('opset_import: ["" : 22]');
  });

  it('check warns of a node that WebGPU hands to the CPU at opset 22', async () => {
    const { code } = await rheobase([
      'check',
      at('opset22.onnx'),
      '--target',
      'node/webgpu',
      '--json',
      at('check.json'),
    ]);
    expect(code).toBe(0);
    const { schema, problems } = json('check.json') as {
      schema: string;
      problems: { rule: string; severity: string }[];
    };
    expect(schema).toBe('rheobase/check@1');
    expect(problems).toMatchObject([{ rule: 'placement', severity: 'warning' }]);
  });

  it('check ends with 1 where a model has an error', async () => {
    const { code } = await rheobase(['export', 'mnist-mlp', '-o', at('good.onnx')]);
    expect(code).toBe(0);
    const model = decodeModel(readFileSync(at('good.onnx')));
    const [first, ...rest] = model.graph.nodes;
    const broken = {
      ...model,
      graph: { ...model.graph, nodes: [{ ...first, inputs: ['nowhere', ...first.inputs.slice(1)] }, ...rest] },
    };
    await writeModelFile(at('broken.onnx'), broken);
    const result = await rheobase(['check', at('broken.onnx')]);
    expect(result.code).toBe(1);
    expect(result.stdout).toContain('nowhere');
  });
});

describe('doctor', () => {
  it('tells of each backend asked for whether it is there', async () => {
    const { code, stdout } = await rheobase(['doctor', '--backends', 'node/cpu,node/coreml', '--json', '-']);
    expect(code).toBe(0);
    const { backends } = JSON.parse(stdout) as { backends: { id: string; available: boolean }[] };
    expect(backends.map(({ id }) => id)).toEqual(['node/cpu', 'node/coreml']);
    expect(backends[0].available).toBe(true);
  });

  it('ends with 3 where a required backend is missing', async () => {
    const missing = process.platform === 'darwin' ? 'node/dml' : 'node/coreml';
    const { code, stderr } = await rheobase(['doctor', '--backends', 'node/cpu', '--require', missing]);
    expect(code).toBe(3);
    expect(stderr).toContain(missing);
  });
});
