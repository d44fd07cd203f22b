/**
 * What `rheobase verify` is for, through the command as a shell runs it: faults planted in a model are blamed on the node
 * that has them, providers that silently hand a node over are told, and a provider that treats NaN otherwise is named.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeModel, initializer, type Model, recipeModel, tensorOf } from '@rheobase/exporter';
import { readBundle, type VerifyReport } from '@rheobase/harness';
import { writeTensorsFile } from '@rheobase/runtime/files';
import { afterAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from './backends.js';
import { rheobase, scratchFolder } from './command.js';

const folder = scratchFolder();
afterAll(() => rmSync(folder, { recursive: true }));

function saved(name: string, model: Model): string {
  const path = join(folder, name);
  writeFileSync(path, encodeModel(model));
  return path;
}

async function verified(...args: string[]): Promise<{ report: VerifyReport; code: number | null; stdout: string }> {
  const json = join(folder, 'report.json');
  const { code, stdout, stderr } = await rheobase(['verify', ...args, '--json', json, '--runs', '0']);
  if (!existsSync(json)) throw new Error(stderr);
  return { report: JSON.parse(readFileSync(json, 'utf8')) as VerifyReport, code, stdout };
}

const good = recipeModel('mnist-mlp');

function changing(name: string, change: (values: Float32Array) => void): Model {
  const initializers = good.graph.initializers.map((one) => {
    if (one.name !== name) return one;
    const tensor = tensorOf(one);
    const data = Float32Array.from(tensor.data as Float32Array);
    change(data);
    return initializer(name, { ...tensor, dtype: 'float32', data });
  });
  return { ...good, graph: { ...good.graph, initializers } };
}

describe('a fault in a model, against the model without', () => {
  it.each([
    [
      'one ULP of the weights of one input',
      'dense/kernel',
      (w: Float32Array) => w.set(w.subarray(0, 128).map((v) => v * (1 + 2 ** -23))),
      'Gemm',
    ],
    ['one per cent of one weight', 'dense/kernel', (w: Float32Array) => w.fill(w[5] * 1.01, 5, 6), 'Gemm'],
    ['a NaN', 'dense_2/bias', (w: Float32Array) => w.fill(Number.NaN, 3, 4), 'Gemm'],
    ['another θ', 'sparse_activation/theta', (w: Float32Array) => w.fill(0.21), 'Greater'],
  ])('%s (%s) is blamed on its node', async (_, name, change, opType) => {
    const bad = saved('bad.onnx', changing(name, change));
    const args = [bad, '--against', saved('good.onnx', good), '--backends', 'node/cpu', '--dim', 'batch=16'];
    const { report, code, stdout } = await verified(...args);
    expect(code).toBe(1);
    const [row] = report.comparisons;
    const reader = good.graph.nodes.find(({ inputs }) => inputs.includes(name));
    expect(row).toMatchObject({ verdict: 'diverge', firstDivergence: { node: reader?.name, opType } });
    expect(row?.suspects[0]?.role).toBe('creates');
    expect(report.against?.differences).toEqual([expect.objectContaining({ kind: 'weight', name })]);
    expect(stdout).toContain(`weight ${name}`);
  });

  it('is reduced to the node, as a bundle that diverges when it is replayed', async () => {
    const bad = saved(
      'bad.onnx',
      changing('dense/kernel', (w) => w.fill(2, 5, 6)),
    );
    const bundle = join(folder, 'bundle');
    const args = ['--against', saved('good.onnx', good), '--backends', 'node/cpu', '--reduce', bundle];
    expect((await verified(bad, ...args)).report.comparisons[0]?.bundle).toBe(bundle);
    expect((await readBundle(bundle)).model.graph.nodes.map(({ opType }) => opType)).toEqual(['Gemm']);
    const [model, reference, inputs] = ['model.onnx', 'reference.onnx', 'inputs.npz'].map((file) => join(bundle, file));
    const { code } = await verified(model, '--against', reference, '--inputs', inputs, '--backends', 'node/cpu');
    expect(code).toBe(1);
  });
});

it('a tolerance and a policy are taken for the output that they name, and refused for one that is not there', async () => {
  const relu = saved('relu.onnx', elementwise('Relu', 21));
  const common = [relu, '--backends', 'node/cpu,node/wasm'];
  const { report } = await verified(...common, '--atol', 'y=0.5', '--signed-zero', 'mismatch');
  expect(report.comparisons[0]?.tolerance).toMatchObject({ atol: 0.5, rtol: 0, signedZero: 'mismatch' });
  const { code, stderr } = await rheobase(['verify', ...common, '--atol', 'z=0.5']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/tolerance of z: no model has such an output; outputs are y/);
});

it('outputs that say nothing raise an alarm', async () => {
  const inputs = join(folder, 'negative.npz');
  await writeTensorsFile(inputs, { x: { dtype: 'float32', shape: [4], data: Float32Array.of(-1, -2, -3, -4) } });
  const relu = saved('relu.onnx', elementwise('Relu', 21));
  const { report, code, stdout } = await verified(relu, '--inputs', inputs, '--backends', 'node/cpu,node/wasm');
  expect(code).toBe(0);
  expect(report.alarms.map(({ backend, kind }) => [backend, kind])).toEqual([
    ['node/cpu', 'all zero'],
    ['node/wasm', 'all zero'],
  ]);
  expect(stdout).toContain('alarm: node/cpu y is all zero');
});

it('a backend is compared with itself, run in other ways, where that is asked for', async () => {
  const path = saved('good.onnx', good);
  const { report, code } = await verified(path, '--backends', 'node/cpu', '--dim', 'batch=4', '--noise-floor');
  expect(code).toBe(0);
  expect(report.noise.map(({ variation }) => variation)).toEqual([
    'again',
    'optimization off',
    'one thread',
    'batch of one',
  ]);
  expect(report.noise[0]).toMatchObject({ backend: 'node/cpu', different: 0, count: 40 });
});

const noGpu = await reasonToSkip('node/webgpu');

describe.skipIf(noGpu !== null)(noGpu === null ? 'on WebGPU' : `skipped: ${noGpu}`, () => {
  const both = ['--backends', 'node/cpu,node/webgpu'];

  it.each([
    [22, 1, 1],
    [21, 0, 0],
  ])(
    'ThresholdedRelu at opset %d falls back %d times, and strict placement exits with %d',
    async (opset, fallbacks, exit) => {
      const path = saved(`thresholded${opset}.onnx`, elementwise('ThresholdedRelu', opset));
      const { report, code } = await verified(path, ...both, '--strict-placement');
      expect(code).toBe(exit);
      expect(report.backends.find(({ id }) => id === 'node/webgpu')?.fallbacks).toBe(fallbacks);
      expect(report.strictPlacement?.violations.map(({ opType }) => opType)).toEqual(
        Array.from({ length: fallbacks }, () => 'ThresholdedRelu'),
      );
    },
  );

  it('a fallback is told and fails nothing where nobody asked', async () => {
    const { report, code } = await verified(saved('loose.onnx', elementwise('ThresholdedRelu', 22)), ...both);
    expect([code, report.verdict]).toEqual([0, 'agree']);
    expect(report.backends.find(({ id }) => id === 'node/webgpu')?.fallbacks).toBe(1);
  });

  it('Relu of NaN is a NaN mismatch, blamed on Relu', async () => {
    const inputs = join(folder, 'nan.npz');
    await writeTensorsFile(inputs, {
      x: { dtype: 'float32', shape: [4], data: Float32Array.of(Number.NaN, 1, -1, 2) },
    });
    const { report, code } = await verified(saved('relu.onnx', elementwise('Relu', 21)), ...both, '--inputs', inputs);
    expect(code).toBe(1);
    const [row] = report.comparisons;
    expect(row).toMatchObject({
      verdict: 'diverge',
      nanMismatches: 1,
      firstDivergence: { node: 'act', opType: 'Relu' },
    });
  });

  it('Relu of NaN inside a Loop is blamed on Relu, with its iteration, and reduced to it', async () => {
    const inputs = join(folder, 'minus-infinity.npz');
    const data = Float32Array.of(0, 1, Number.NEGATIVE_INFINITY, 2);
    await writeTensorsFile(inputs, { x: { dtype: 'float32', shape: [4], data } });
    const bundle = join(folder, 'loop-bundle');
    const path = saved('loop.onnx', reluInLoop());
    const { report, code, stdout } = await verified(path, ...both, '--inputs', inputs, '--reduce', bundle);
    expect(code).toBe(1);
    expect(report.comparisons[0]).toMatchObject({
      nanMismatches: 1,
      bundle,
      firstDivergence: { node: 'act', opType: 'Relu', within: [{ node: 'rounds', opType: 'Loop', iteration: 0 }] },
    });
    expect((await readBundle(bundle)).model.graph.nodes.map(({ name }) => name)).toEqual(['act']);
    expect(stdout).toContain('first at act (Relu)');
  });
});

/** y = x, added up and put through Relu in each of three iterations: `act` inside of `rounds`. */
function reluInLoop(): Model {
  const info = (name: string, dtype: 'float32' | 'int64' | 'bool', shape: readonly number[]) =>
    ({ name, type: { kind: 'tensor', dtype, shape }, docString: '', metadata: {} }) as const;
  const bare = { domain: '', overload: '', docString: '', metadata: {}, attributes: [] };
  const node = (name: string, opType: string, inputs: string[], output: string) =>
    ({ ...bare, name, opType, inputs, outputs: [output] }) as const;
  const body = {
    ...good.graph,
    inputs: [info('i', 'int64', []), info('go', 'bool', []), info('h', 'float32', [4])],
    outputs: [info('go_on', 'bool', []), info('h_out', 'float32', [4])],
    initializers: [],
    nodes: [
      node('again', 'Identity', ['go'], 'go_on'),
      node('add', 'Add', ['h', 'step'], 'sum'),
      node('act', 'Relu', ['sum'], 'h_out'),
    ],
    valueInfo: [],
  };
  const loop = {
    ...node('rounds', 'Loop', ['trips', 'yes', 'x'], 'y'),
    attributes: [{ name: 'body', kind: 'graph', value: body } as const],
  };
  const float = Float32Array.of(1, 1, Number.POSITIVE_INFINITY, 1);
  const graph = {
    ...good.graph,
    inputs: [info('x', 'float32', [4])],
    outputs: [info('y', 'float32', [4])],
    initializers: [
      initializer('trips', { dtype: 'int64', shape: [], data: BigInt64Array.of(3n) }),
      initializer('yes', { dtype: 'bool', shape: [], data: Uint8Array.of(1) }),
      initializer('step', { dtype: 'float32', shape: [4], data: float }),
    ],
    nodes: [loop],
    valueInfo: [],
  };
  return { ...good, graph };
}

/** One node, `act`, from x [4] to y. */
function elementwise(opType: string, opset: number): Model {
  const info = (name: string) =>
    ({ name, type: { kind: 'tensor', dtype: 'float32', shape: [4] }, docString: '', metadata: {} }) as const;
  const node = {
    ...{ name: 'act', opType, domain: '', overload: '', inputs: ['x'], outputs: ['y'], docString: '', metadata: {} },
    attributes: [],
  };
  const graph = {
    ...good.graph,
    inputs: [info('x')],
    outputs: [info('y')],
    initializers: [],
    nodes: [node],
    valueInfo: [],
  };
  return { ...good, opsets: { '': opset }, graph };
}
