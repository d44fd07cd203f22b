import type { Model } from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { seededCases } from '../cases/index.js';
import { cpuBackend, failingBackend, missingBackend } from '../fixtures/backends.js';
import { floats, modelOf, nodeOf } from '../fixtures/models.js';
import { saved } from '../fixtures/network.js';
import { speedVerdict } from '../timing/index.js';
import { bench, benchExitCode } from './bench.js';

/** `x [batch, 784]` → `hidden [batch, width]`. */
function dense(width: number, { input = 'x', inputs = 784 } = {}): Model {
  return modelOf({
    inputs: { [input]: ['float32', ['batch', inputs]] },
    outputs: { hidden: ['float32', ['batch', width]] },
    initializers: { w: floats([inputs, width], new Float32Array(inputs * width).fill(0.01)) },
    nodes: [nodeOf('MatMul', [input, 'w'], 'z'), nodeOf('Relu', ['z'], 'hidden')],
  });
}

const narrow = saved('narrow.onnx', dense(512));
const wide = saved('wide.onnx', dense(4096));
const cases = (model: Model) => seededCases(model, { dims: { batch: 16 } });

describe('two models against each other', () => {
  it('the wider one is found to be slower, with each side’s interval and the ratio’s', async () => {
    const report = await bench({ a: narrow, b: wide, backends: [cpuBackend()], cases, runs: 15 });
    expect(report).toMatchObject({
      schema: 'rheobase/bench@1',
      models: [narrow, wide],
      failures: [],
      backends: [{ id: 'node/cpu', status: 'ran', software: false }],
    });
    expect(report.results).toHaveLength(1);
    const [row] = report.results;
    expect(row).toMatchObject({ backend: 'node/cpu', threads: null, case: 'random0' });
    for (const side of [row?.a, row?.b]) {
      expect(side?.runs).toBeGreaterThanOrEqual(15);
      expect(side?.ciLowMs).toBeLessThanOrEqual(side?.medianMs ?? 0);
      expect(side?.ciHighMs).toBeGreaterThanOrEqual(side?.medianMs ?? Number.POSITIVE_INFINITY);
    }
    expect(row?.ratio && speedVerdict(row.ratio)).toBe('faster');
    expect(benchExitCode(report)).toBe(0);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('and the other way round, the ratio is that of A to B', async () => {
    const { results } = await bench({ a: wide, b: narrow, backends: [cpuBackend()], cases, runs: 15 });
    expect(results[0]?.ratio?.ciLow).toBeGreaterThan(1);
  });

  it('a model against itself shows no difference, all but now and then', async () => {
    const verdicts: string[] = [];
    for (const seed of [1, 2, 3, 4, 5]) {
      const { results } = await bench({ a: narrow, b: narrow, backends: [cpuBackend()], cases, runs: 30, seed });
      verdicts.push(results[0]?.ratio ? speedVerdict(results[0].ratio) : 'none');
    }
    expect(verdicts.filter((verdict) => verdict === 'no difference').length).toBeGreaterThanOrEqual(4);
  });

  it('every backend, number of threads and case is a row', async () => {
    const { results } = await bench({
      a: narrow,
      b: narrow,
      backends: [cpuBackend(), cpuBackend('other/cpu')],
      cases: (model) => seededCases(model, { cases: 2 }),
      threads: [1, 2],
      runs: 5,
    });
    expect(results.map((row) => [row.backend, row.threads, row.case])).toEqual(
      ['node/cpu', 'other/cpu'].flatMap((id) =>
        [1, 2].flatMap((threads) => ['random0', 'random1'].map((name) => [id, threads, name])),
      ),
    );
  });
});

describe('models that do not take the same inputs are refused', () => {
  it.each([
    ['another name', dense(8, { input: 'pixels' }), /input x: .*has it, .*other\.onnx has not.*has pixels/],
    ['another extent', dense(8, { inputs: 100 }), /input x: is float32 \[batch, 784\] in .* float32 \[batch, 100\] in/],
  ])('%s', async (_what, other, message) => {
    const running = bench({ a: narrow, b: saved('other.onnx', other), backends: [cpuBackend()] });
    await expect(running).rejects.toThrow(message);
    await expect(running).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('a dimension with another name is the same', async () => {
    const renamed = dense(8);
    const [x] = renamed.graph.inputs;
    const inputs = [{ ...x, name: 'x', docString: '', metadata: {}, type: tensorType(['n', 784]) }];
    const b = saved('renamed.onnx', { ...renamed, graph: { ...renamed.graph, inputs } });
    expect((await bench({ a: narrow, b, backends: [cpuBackend()], runs: 5 })).results).toHaveLength(1);
  });
});

const tensorType = (shape: readonly (string | number)[]) => ({ kind: 'tensor', dtype: 'float32', shape }) as const;

describe('a backend that', () => {
  it('is missing is noted and skipped, and counts only where it is required', async () => {
    const options = { a: narrow, b: narrow, backends: [cpuBackend(), missingBackend('node/cuda')], runs: 5 };
    const report = await bench(options);
    expect(report.backends[1]).toMatchObject({ id: 'node/cuda', status: 'unavailable', reason: /no such driver/ });
    expect(benchExitCode(report)).toBe(0);
    expect(benchExitCode(await bench({ ...options, require: ['node/cuda'] }))).toBe(3);
  });

  it('fails is a row of the failures, and the others go on', async () => {
    const broken = failingBackend('bad/cpu', new Error('device lost'), 3);
    const report = await bench({ a: narrow, b: narrow, backends: [broken, cpuBackend()], runs: 5 });
    expect(report.results.map(({ backend }) => backend)).toEqual(['node/cpu']);
    expect(report.failures[0]).toMatchObject({ backend: 'bad/cpu', case: 'random0', reason: 'device lost' });
    expect(benchExitCode(report)).toBe(3);
  });
});
