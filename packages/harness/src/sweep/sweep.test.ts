import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model } from '@rheobase/exporter';
import { RheobaseError } from '@rheobase/exporter/errors';
import { afterAll, describe, expect, it } from 'vitest';
import { cpuBackend, failingBackend, faultyBackend, missingBackend } from '../fixtures/backends.js';
import { readBundle } from '../reduce/index.js';
import { latitudeOf } from './latitude.js';
import { sweep } from './sweep.js';
import { sweepModels } from './sweep-models.js';

const folder = mkdtempSync(join(tmpdir(), 'sweep-'));
afterAll(() => rmSync(folder, { recursive: true }));

const baseline = 'node/cpu';
const cpu = cpuBackend(baseline);

/** Every operator of one type computed as another. */
function swapped(from: string, to: string): (model: Model) => Model {
  return (model) => {
    const nodes = model.graph.nodes.map((node) => (node.opType === from ? { ...node, opType: to } : node));
    return { ...model, graph: { ...model.graph, nodes } };
  };
}

describe('a sweep', () => {
  it('finds nothing between a backend and itself', async () => {
    const report = await sweep({ operators: ['Relu', 'Softmax'], backends: [cpu, cpuBackend('node/wasm')], baseline });
    expect(report).toMatchObject({ complete: true, findings: [], allowed: [] });
    expect(
      report.backends.map(({ ran, unsupported, errors, crashed }) => ran + unsupported + errors + crashed),
    ).toEqual([report.runs, report.runs]);
  });

  it('brings a difference down to one element, with a bundle that shows it', async () => {
    const faulty = faultyBackend('node/wasm', swapped('Relu', 'Abs'));
    const selection = { operators: ['Relu'], dtypes: ['float32'], values: ['ordinary'] } as const;
    const { findings } = await sweep({ ...selection, backends: [cpu, faulty], baseline, bundles: folder });
    expect(findings).toHaveLength(1);
    const [{ title, example, bundle, replay }] = findings;
    expect(title).toBe(`Relu (float32) on node/wasm gives ${example.got} for -${example.got}, where node/cpu gives 0`);
    expect(example).toMatchObject({ form: 'y = Relu T[1]', inputs: [{ shape: [1] }], index: [0] });
    expect(replay).toBe(
      'npx rheobase sweep --ops Relu --dtypes float32 --opset 21 --values ordinary --backends node/cpu,node/wasm',
    );
    const { model, inputs, expected, actual } = await readBundle(bundle ?? '');
    expect(model.graph.nodes.map(({ opType }) => opType)).toEqual(['Relu']);
    const x = Array.from(Object.values(inputs)[0].data as Float32Array)[0];
    expect([expected.outputs?.y.data, actual.outputs?.y.data]).toEqual([Float32Array.of(0), Float32Array.of(-x)]);
  });

  it('makes plain what a difference does not need, where elements hang together', async () => {
    const faulty = faultyBackend('node/wasm', swapped('ReduceSum', 'ReduceMax'));
    const selection = { operators: ['ReduceSum'], dtypes: ['float32'], values: ['ordinary'] } as const;
    const { findings } = await sweep({ ...selection, backends: [cpu, faulty], baseline });
    const finding = findings.find(({ kind }) => kind === 'value');
    expect(finding?.example.inputs[0].elements).toMatch(/^1(, 1)+$/);
  });

  it('goes on after a crash, and reports it', async () => {
    const crash = new RheobaseError('crashed', 'its process was ended by SIGFPE');
    const crashing = failingBackend('node/wasm', crash, 0);
    const selection = { operators: ['Relu'], dtypes: ['float32'], values: ['ordinary'] } as const;
    const report = await sweep({ ...selection, backends: [cpu, crashing], baseline });
    expect(report.complete).toBe(true);
    expect(report.backends[1]).toMatchObject({ ran: 0, crashed: report.runs });
    expect(report.findings).toMatchObject([{ kind: 'crash', example: { got: expect.stringContaining('SIGFPE') } }]);
  });

  it('tells a backend that is missing, and refuses to sweep on none', async () => {
    const selection = { operators: ['Relu'], dtypes: ['float32'], values: ['ordinary'] } as const;
    const { backends } = await sweep({ ...selection, backends: [cpu, missingBackend('node/cuda')], baseline });
    expect(backends[1]).toMatchObject({ id: 'node/cuda', status: 'unavailable', reason: 'no such driver' });
    await expect(sweep({ backends: [missingBackend('node/cuda')], baseline })).rejects.toThrow(/none of the backends/);
  });

  it('ends after the model under way when it is told to', async () => {
    const interruption = new AbortController();
    const report = await sweep({
      ...{ operators: ['Relu', 'Abs'], backends: [cpu, cpuBackend('node/wasm')], baseline },
      signal: interruption.signal,
      onProgress: () => interruption.abort(),
    });
    expect(report).toMatchObject({ complete: false, models: 1 });
  });

  it('refuses operators that are not there', () => {
    expect(() => sweepModels({ operators: ['Relu', 'Rleu'] })).toThrow(/no operator Rleu/);
    expect(() => sweepModels({ operators: ['Attention'], opsets: [21] })).toThrow(/no operator Attention/);
  });
});

describe('latitude', () => {
  const question = {
    opType: 'Cast',
    kind: 'value',
    backend: 'node/wasm',
    reference: 'node/cpu',
    values: 'all',
  } as const;

  it.each([
    ['float32', 'uint8', [-1.5], 'cast out of range'],
    ['float32', 'uint8', [-0.5], null],
    ['float32', 'uint8', [255.9], null],
    ['float32', 'uint8', [256], 'cast out of range'],
    ['float32', 'int32', [Number.NaN], 'cast out of range'],
    ['float32', 'bool', [Number.NaN], null],
    ['int32', 'uint8', [256], null],
  ] as const)('a cast of %s to %s of %j: %s', (from, to, inputs, name) => {
    expect(latitudeOf({ ...question, from, to, inputs })?.name ?? null).toBe(name);
  });

  it('GPUs may flush denormals, CPUs may not', () => {
    const denormal = {
      ...question,
      opType: 'Mul',
      kind: 'denormal',
      from: 'float32',
      to: 'float32',
      inputs: [1],
    } as const;
    expect(latitudeOf({ ...denormal, backend: 'node/webgpu' })?.name).toBe('denormals flushed');
    expect(latitudeOf(denormal)).toBeNull();
  });
});
