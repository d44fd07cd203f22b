import { type Model, RheobaseError } from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { givenCases, seededCases } from '../cases/index.js';
import { cpuBackend, failingBackend, missingBackend } from '../fixtures/backends.js';
import { modelOf, nodeOf } from '../fixtures/models.js';
import { networkPath, saved, verifyNetwork } from '../fixtures/network.js';
import { renderTerminal } from '../report/index.js';
import type { VerifyEvent } from './events.js';
import type { VerifyOptions } from './options.js';
import { exitCodeOf } from './verdict.js';

describe('backends that do not make it', () => {
  it('an unavailable one is a row with its reason, and the verdict stands', async () => {
    const backends = [cpuBackend(), cpuBackend('other/cpu'), missingBackend('node/cuda')];
    const report = await verifyNetwork({ backends });
    expect(report.verdict).toBe('agree');
    expect(report.backends[2]).toEqual({
      id: 'node/cuda',
      status: 'unavailable',
      reason: 'no such driver; install one',
      failures: [],
      required: false,
      clockResolutionMs: null,
      runtimeVersion: null,
      implementation: null,
      device: null,
      software: false,
      placement: [],
      placementNote: null,
      unplaced: [],
      fallbacks: 0,
    });
    const required = await verifyNetwork({ backends, require: ['node/cuda'] });
    expect([required.verdict, exitCodeOf(required)]).toEqual(['incomplete', 3]);
  });

  it('one that fails in mid-run keeps its comparisons, and everything else completes', async () => {
    const crash = new RheobaseError('crashed', 'its process ended with SIGKILL');
    const report = await verifyNetwork({
      backends: [cpuBackend(), failingBackend('bad/cpu', crash, 3), cpuBackend('other/cpu')],
      cases: (model) => seededCases(model, { cases: 6 }),
      runs: 0,
    });
    expect(report.verdict).toBe('incomplete');
    expect(exitCodeOf(report)).toBe(3);
    expect(report.backends.map(({ status }) => status)).toEqual(['ran', 'failed', 'ran']);
    expect(report.backends[1]?.reason).toBe('crashed: its process ended with SIGKILL');
    const casesOf = (id: string) =>
      new Set(report.comparisons.filter(({ backend }) => backend === id).map((row) => row.case));
    expect(casesOf('bad/cpu').size).toBe(3);
    expect(casesOf('other/cpu').size).toBe(6);
  });

  it('one that fails while it is timed keeps its comparison', async () => {
    const report = await verifyNetwork({
      backends: [cpuBackend(), failingBackend('bad/cpu', new RheobaseError('timeout', 'too slow'), 4)],
    });
    expect(report.backends[1]).toMatchObject({ status: 'failed', reason: 'timeout: too slow' });
    expect(report.comparisons.map(({ verdict }) => verdict)).toEqual(['agree', 'agree']);
    expect(report.timings.map(({ backend }) => backend)).toEqual(['node/cpu', 'bad/cpu']);
  });

  it('a failed baseline leaves the others timed, and the verdict incomplete', async () => {
    const report = await verifyNetwork({
      backends: [failingBackend('node/cpu', new RheobaseError('crashed', 'gone'), 0), cpuBackend('other/cpu')],
    });
    expect(report).toMatchObject({ verdict: 'incomplete', comparisons: [] });
    expect(report.timings).toMatchObject([{ backend: 'other/cpu', ratioToBaseline: null }]);
  });

  it('an operator the runtime lacks fails its model, and the other models complete', async () => {
    const strange = saved(
      'strange.onnx',
      modelOf({
        inputs: { x: ['float32', [1]] },
        outputs: { y: ['float32', [1]] },
        nodes: [nodeOf('NoSuchOperator', ['x'], 'y')],
      }),
    );
    const backends = [cpuBackend(), cpuBackend('other/cpu')];
    const report = await verifyNetwork({
      models: [strange, networkPath],
      backends,
      cases: (model) => seededCases(model),
    });
    expect(report.verdict).toBe('incomplete');
    expect(report.backends[1]?.reason).toMatch(/strange\.onnx.*NoSuchOperator/);
    expect(report.comparisons.map(({ model }) => model)).toEqual([networkPath, networkPath]);
    expect(report.backends[1]?.failures).toMatchObject([{ model: strange, code: 'unsupported' }]);
    // What failed on one model says nothing of the other.
    const text = renderTerminal(report, { columns: 160 });
    expect(text).toMatch(/^other\/cpu +FAILED/m);
    expect(text).toMatch(/^other\/cpu +identical/m);
    expect(text).toContain('other/cpu failed on 1 of 2 models');
  });

  it('without any other that ran, nothing was verified', async () => {
    expect((await verifyNetwork({ backends: [cpuBackend(), missingBackend('node/cuda')] })).verdict).toBe('incomplete');
    expect((await verifyNetwork({ backends: [cpuBackend()] })).verdict).toBe('agree');
  });
});

describe('input that cannot be used', () => {
  const backends = [cpuBackend()];

  it.each([
    ['a missing file', { models: ['nowhere.onnx'] }, /^nowhere\.onnx: there is no such file/],
    [
      'no ONNX model',
      { models: [{ path: 'text.onnx', source: { bytes: new TextEncoder().encode('hello') } }] },
      /^text\.onnx: not an ONNX model/,
    ],
    ['no model', { models: [] }, /there is no model/],
    ['a model given twice', { models: [networkPath, networkPath] }, /is given twice/],
    [
      'an unknown baseline',
      { baseline: 'node/gpu' },
      /^baseline node\/gpu: is not among the backends; these are node\/cpu/,
    ],
    ['an unknown required backend', { require: ['node/gpu'] }, /^required backend node\/gpu/],
    [
      'cases that do not fit',
      { cases: (model: Model) => givenCases(model, [{ name: 'a', feeds: {} }]) },
      /\.onnx: case a: input x: no value is given/,
    ],
    [
      'two cases of one name',
      {
        cases: function* (model: Model) {
          yield* seededCases(model);
          yield* seededCases(model);
        },
      },
      /\.onnx: case random0: two cases have this name/,
    ],
  ] as const)('%s is refused by name', async (_, options, message) => {
    const error = await verifyNetwork({ backends, ...(options as Partial<VerifyOptions>) }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RheobaseError);
    expect(error).toMatchObject({ code: 'bad-input', message: expect.stringMatching(message) });
  });

  it('a bad model is found before anything runs', async () => {
    const events: VerifyEvent[] = [];
    await verifyNetwork({
      models: [networkPath, 'nowhere.onnx'],
      backends,
      onEvent: (event) => events.push(event),
    }).catch(() => {});
    expect(events).toEqual([]);
  });
});
