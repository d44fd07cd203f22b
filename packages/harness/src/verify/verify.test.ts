import type { Model } from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { seededCases, specialCases } from '../cases/index.js';
import { cpuBackend } from '../fixtures/backends.js';
import { networkPath, verifyNetwork } from '../fixtures/network.js';
import { exitCodeOf } from './verdict.js';

describe('two backends that compute the same', () => {
  it('agree, with a complete report', async () => {
    const report = await verifyNetwork({ backends: [cpuBackend(), cpuBackend('other/cpu')] });
    expect(exitCodeOf(report)).toBe(0);
    expect(report).toMatchObject({
      schema: 'rheobase/verify@1',
      verdict: 'agree',
      baseline: 'node/cpu',
      models: [{ path: networkPath, opset: 21, nodes: 5, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      environment: { cores: expect.any(Number), node: process.version, versions: { 'node/cpu': '1.30.0' } },
    });
    expect(report.comparisons.map(({ output }) => output)).toEqual(['probabilities', 'hidden']);
    expect(report.comparisons[0]).toMatchObject({
      model: networkPath,
      backend: 'other/cpu',
      case: 'random0',
      verdict: 'agree',
      reason: null,
      count: 128,
      mismatched: 0,
      maxAbs: 0,
      maxUlp: 0,
      sqnrDb: null,
      cosine: expect.closeTo(1, 12),
      argmaxAgreement: 1,
      maskFlips: { explained: 0, unexplained: 0, note: null },
      firstDivergence: null,
      firstDivergenceNote: null,
    });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('are timed in rounds: load, first run, warm median with interval, and ratio', async () => {
    const { timings } = await verifyNetwork({ backends: [cpuBackend(), cpuBackend('other/cpu')], runs: 20 });
    expect(timings.map(({ backend }) => backend)).toEqual(['node/cpu', 'other/cpu']);
    const [base, other] = timings;
    expect(base).toMatchObject({ case: 'random0', ratioToBaseline: { median: 1, ciLow: 1, ciHigh: 1 } });
    for (const { loadMs, firstRunMs, runs, medianMs, ciLowMs, ciHighMs, p90Ms, p99Ms } of timings) {
      expect(loadMs).toBeGreaterThan(0);
      expect(firstRunMs).toBeGreaterThan(0);
      expect(runs).toBeGreaterThanOrEqual(20);
      expect(ciLowMs).toBeLessThanOrEqual(medianMs ?? 0);
      expect(ciHighMs).toBeGreaterThanOrEqual(medianMs ?? 0);
      expect(p99Ms).toBeGreaterThanOrEqual(p90Ms ?? 0);
    }
    expect(other?.ratioToBaseline?.ciLow).toBeLessThanOrEqual(other?.ratioToBaseline?.ciHigh ?? 0);
  });

  it('tell where every node ran', async () => {
    const { backends } = await verifyNetwork({ backends: [cpuBackend(), cpuBackend('other/webgpu')] });
    const [cpu, pretender] = backends;
    expect(cpu).toMatchObject({ status: 'ran', reason: null, runtimeVersion: '1.30.0', software: false, fallbacks: 0 });
    expect(cpu?.placement).toContainEqual({
      model: networkPath,
      node: 'dense1',
      opType: 'MatMul',
      provider: 'CPUExecutionProvider',
    });
    // Its id claims WebGPU, its nodes ran on the CPU.
    expect(pretender?.fallbacks).toBe(pretender?.placement.length);
    expect(pretender?.fallbacks).toBeGreaterThan(0);
  });

  it('are timed once per set of input shapes', async () => {
    const cases = function* (model: Model) {
      yield* seededCases(model, { cases: 3 });
      for (const one of seededCases(model, { dims: { batch: 2 } })) yield { ...one, name: 'two' };
    };
    const { timings, comparisons } = await verifyNetwork({ backends: [cpuBackend(), cpuBackend('other/cpu')], cases });
    expect([...new Set(comparisons.map((row) => row.case))]).toEqual(['random0', 'random1', 'random2', 'two']);
    expect([...new Set(timings.map((row) => row.case))]).toEqual(['random0', 'two']);
  });
});

it('special values, in many small cases, agree with themselves', async () => {
  const report = await verifyNetwork({
    backends: [cpuBackend(), cpuBackend('other/cpu')],
    cases: (model) => specialCases(model),
    runs: 0,
  });
  expect(report.verdict).toBe('agree');
  expect(report.comparisons.length).toBeGreaterThan(12);
});

it('tells what happens as it happens', async () => {
  const kinds: string[] = [];
  await verifyNetwork({ backends: [cpuBackend(), cpuBackend('other/cpu')], onEvent: ({ kind }) => kinds.push(kind) });
  expect(kinds.filter((kind, i) => kind !== kinds[i - 1])).toEqual([
    'probed',
    'model',
    'loaded',
    'compared',
    'timing',
    'examining',
    'done',
  ]);
});
