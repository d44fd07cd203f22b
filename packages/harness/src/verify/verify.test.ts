import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, initializer, type Model, RheobaseError, random, tensorOf } from '@rheobase/exporter';
import { afterAll, describe, expect, it } from 'vitest';
import { givenCases, seededCases, specialCases } from '../cases/index.js';
import { cpuBackend, failingBackend, faultyBackend, missingBackend } from '../fixtures/backends.js';
import { floatAttribute, floats, intAttribute, modelOf, nodeOf } from '../fixtures/models.js';
import { normal } from '../random/index.js';
import type { VerifyReport } from '../report/verify-report.js';
import type { VerifyEvent } from './events.js';
import type { VerifyOptions } from './options.js';
import { exitCodeOf } from './verdict.js';
import { verify } from './verify.js';

const folder = mkdtempSync(join(tmpdir(), 'harness-verify-'));
afterAll(() => rmSync(folder, { recursive: true }));

function saved(name: string, model: Model): string {
  const path = join(folder, name);
  writeFileSync(path, encodeModel(model));
  return path;
}

const stream = random(1);
const weights = (rows: number, columns: number) =>
  floats(
    [rows, columns],
    Array.from({ length: rows * columns }, () => normal(stream) / Math.sqrt(rows)),
  );

/** 16 → 32, threshold at θ, → 4, softmax: the shape of the seed model. */
const network = modelOf({
  inputs: { x: ['float32', ['batch', 16]] },
  outputs: { probabilities: ['float32', ['batch', 4]], hidden: ['float32', ['batch', 32]] },
  initializers: { w1: weights(16, 32), theta: floats([], [0.2]), zero: floats([], [0]), w2: weights(32, 4) },
  nodes: [
    nodeOf('MatMul', ['x', 'w1'], 'a', [], 'dense1'),
    nodeOf('Greater', ['a', 'theta'], 'mask', [], 'gate'),
    nodeOf('Where', ['mask', 'a', 'zero'], 'hidden', [], 'fire'),
    nodeOf('MatMul', ['hidden', 'w2'], 'logits', [], 'dense2'),
    nodeOf('Softmax', ['logits'], 'probabilities', [intAttribute('axis', -1)], 'softmax'),
  ],
});
const path = saved('network.onnx', network);

/** Changes one element of an initializer. */
const changing =
  (name: string, index: number, change: (value: number) => number) =>
  (model: Model): Model => ({
    ...model,
    graph: {
      ...model.graph,
      initializers: model.graph.initializers.map((one) => {
        if (one.name !== name) return one;
        const { shape, data } = tensorOf(one);
        const values = Float32Array.from(data as Float32Array);
        values[index] = change(values[index] ?? 0);
        return initializer(name, floats(shape, values));
      }),
    },
  });

const quick = { baseline: 'node/cpu', runs: 6, cases: (model: Model) => seededCases(model, { dims: { batch: 32 } }) };
const run = (options: Partial<VerifyOptions> & Pick<VerifyOptions, 'backends'>): Promise<VerifyReport> =>
  verify({ models: [path], ...quick, ...options });

describe('two backends that compute the same', () => {
  it('agree, with a complete report', async () => {
    const report = await run({ backends: [cpuBackend(), cpuBackend('other/cpu')] });
    expect(exitCodeOf(report)).toBe(0);
    expect(report).toMatchObject({
      schema: 'rheobase/verify@1',
      verdict: 'agree',
      baseline: 'node/cpu',
      models: [{ path, opset: 21, nodes: 5, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      environment: { cores: expect.any(Number), node: process.version, versions: { 'node/cpu': '1.30.0' } },
    });
    expect(report.comparisons.map(({ output }) => output)).toEqual(['probabilities', 'hidden']);
    expect(report.comparisons[0]).toMatchObject({
      model: path,
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
    const { timings } = await run({ backends: [cpuBackend(), cpuBackend('other/cpu')], runs: 20 });
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
    const { backends } = await run({ backends: [cpuBackend(), cpuBackend('other/webgpu')] });
    const [cpu, pretender] = backends;
    expect(cpu).toMatchObject({ status: 'ran', reason: null, runtimeVersion: '1.30.0', software: false, fallbacks: 0 });
    expect(cpu?.placement).toContainEqual({
      model: path,
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
    const { timings, comparisons } = await run({ backends: [cpuBackend(), cpuBackend('other/cpu')], cases });
    expect([...new Set(comparisons.map((row) => row.case))]).toEqual(['random0', 'random1', 'random2', 'two']);
    expect([...new Set(timings.map((row) => row.case))]).toEqual(['random0', 'two']);
  });
});

describe('a backend that computes something else', () => {
  it.each([
    ['a weight of the first layer', changing('w1', 5, (w) => w * 1.5 + 0.5), 'dense1', 'MatMul', 'a'],
    ['a weight of the second layer', changing('w2', 5, (w) => w * 1.5 + 0.5), 'dense2', 'MatMul', 'logits'],
    ['a NaN among the weights', changing('w2', 0, () => Number.NaN), 'dense2', 'MatMul', 'logits'],
  ])('diverges, and %s is blamed on the node that takes it', async (_, fault, node, opType, output) => {
    const report = await run({ backends: [cpuBackend(), faultyBackend('bad/cpu', fault)] });
    expect(report.verdict).toBe('diverge');
    expect(exitCodeOf(report)).toBe(1);
    const row = report.comparisons.find((comparison) => comparison.output === 'probabilities');
    expect(row).toMatchObject({ verdict: 'diverge', firstDivergence: { node, opType, output } });
    expect(row?.reason).toMatch(/elements out of tolerance/);
  });

  it('is blamed only for what the diverging output depends on', async () => {
    const report = await run({
      backends: [
        cpuBackend(),
        faultyBackend(
          'bad/cpu',
          changing('w2', 5, (w) => w + 1),
        ),
      ],
    });
    const hidden = report.comparisons.find(({ output }) => output === 'hidden');
    expect(hidden).toMatchObject({ verdict: 'agree', firstDivergence: null });
  });

  it('is searched for so many cases, and says so of the others', async () => {
    const { comparisons } = await run({
      backends: [
        cpuBackend(),
        faultyBackend(
          'bad/cpu',
          changing('w2', 5, (w) => w + 1),
        ),
      ],
      cases: (model) => seededCases(model, { cases: 3, dims: { batch: 32 } }),
      searches: 1,
      runs: 0,
    });
    const diverging = comparisons.filter(({ verdict }) => verdict === 'diverge');
    expect(diverging.map(({ firstDivergence }) => firstDivergence?.node)).toEqual(['dense2', undefined, undefined]);
    expect(diverging[1]?.firstDivergenceNote).toBe('not searched: only 1 cases are');
  });

  it('tolerances can be widened until it agrees', async () => {
    const backends = [
      cpuBackend(),
      faultyBackend(
        'bad/cpu',
        changing('w2', 5, (w) => w * 1.01),
      ),
    ];
    const exact = await run({ backends, tolerance: { all: { atol: 0 } } });
    const wide = await run({ backends, tolerance: { outputs: { probabilities: { atol: 0.1 } } } });
    expect([exact.verdict, wide.verdict]).toEqual(['diverge', 'agree']);
    expect(wide.comparisons[0]?.tolerance).toMatchObject({ atol: 0.1, reason: 'as asked for' });
  });
});

describe('neurons on the other side of their threshold', () => {
  type Lowering = 'where' | 'thresholdedRelu';
  const thresholdNodes = (lowering: Lowering, x: string, y: string, name: string) =>
    lowering === 'where'
      ? [nodeOf('Greater', [x, 'theta'], `${y}_mask`, [], name), nodeOf('Where', [`${y}_mask`, x, 'zero'], y)]
      : [nodeOf('ThresholdedRelu', [x], y, [floatAttribute('alpha', 0.5)], name)];

  /** Two layers: each scales and then silences what is not above 0.5; the second takes ten times the sum of the first. */
  const layers = (lowering: Lowering): Model =>
    modelOf({
      inputs: { x: ['float32', [4]] },
      outputs: { y: ['float32', [4]] },
      initializers: {
        scale: floats([4], [1, 1, 1, 1]),
        mix: floats(
          [4, 4],
          Array.from({ length: 16 }, () => 10),
        ),
        theta: floats([], [0.5]),
        zero: floats([], [0]),
      },
      nodes: [
        nodeOf('Mul', ['x', 'scale'], 'a', [], 'scale'),
        ...thresholdNodes(lowering, 'a', 'h', 'gate1'),
        nodeOf('MatMul', ['h', 'mix'], 'b', [], 'mix'),
        ...thresholdNodes(lowering, 'b', 'y', 'gate2'),
      ],
    });
  /** The first neuron lies exactly at its threshold; the others are silent, so that the second layer hangs on it. */
  const cases = (model: Model) => givenCases(model, [{ name: 'near', feeds: { x: floats([4], [0.5, -1, -2, 0.1]) } }]);
  const oneUlpMore = changing('scale', 0, () => 1 + 2 ** -23);
  const compare = (lowering: Lowering, fault: (model: Model) => Model, options: Partial<VerifyOptions> = {}) =>
    verify({
      ...quick,
      models: [saved(`${lowering}.onnx`, layers(lowering))],
      backends: [cpuBackend(), faultyBackend('bad/cpu', fault)],
      cases,
      ...options,
    });

  it.each(['where', 'thresholdedRelu'] as const)(
    'are explained where x was within its error of θ, and so is all that follows from them (%s)',
    async (lowering) => {
      const report = await compare(lowering, oneUlpMore);
      expect(report.verdict).toBe('agree');
      const [row] = report.comparisons;
      expect(row).toMatchObject({ verdict: 'agree', mismatched: 4, firstDivergence: null });
      // One neuron of the first layer, and the four of the second that follow from it.
      expect(row?.maskFlips).toMatchObject({ explained: 5, unexplained: 0 });
      expect(row?.maskFlips.note).toMatch(/the baseline agrees once it decides the same/);
      expect(row?.maskFlips.examples[0]).toEqual({
        node: 'gate1',
        index: [0],
        x: String(Math.fround(0.5 * (1 + 2 ** -23))),
        theta: '0.5',
        expectedX: '0.5',
        expectedTheta: '0.5',
        explained: true,
      });
    },
  );

  it.each(['where', 'thresholdedRelu'] as const)('do not excuse a fault further on (%s)', async (lowering) => {
    const fault = (model: Model) => changing('mix', 0, () => 11)(oneUlpMore(model));
    const [row] = (await compare(lowering, fault)).comparisons;
    expect(row).toMatchObject({ verdict: 'diverge', maskFlips: { explained: 5 - 1, unexplained: 1 } });
  });

  it.each(['where', 'thresholdedRelu'] as const)(
    'are unexplained where x was far from θ, and fail whatever the tolerance of the output (%s)',
    async (lowering) => {
      const fault = changing('scale', 0, () => 1.1);
      const [row] = (await compare(lowering, fault, { tolerance: { outputs: { y: { atol: 100 } } } })).comparisons;
      expect(row).toMatchObject({
        verdict: 'diverge',
        mismatched: 0,
        // The error of the first neuron reaches all four of the second layer.
        reason: '5 neurons on the other side of the threshold for no known reason',
        maskFlips: { explained: 0, unexplained: 5 },
        firstDivergence: { node: 'scale' },
      });
    },
  );
});

describe('backends that do not make it', () => {
  it('an unavailable one is a row with its reason, and the verdict stands', async () => {
    const backends = [cpuBackend(), cpuBackend('other/cpu'), missingBackend('node/cuda')];
    const report = await run({ backends });
    expect(report.verdict).toBe('agree');
    expect(report.backends[2]).toEqual({
      id: 'node/cuda',
      status: 'unavailable',
      reason: 'no such driver; install one',
      required: false,
      runtimeVersion: null,
      implementation: null,
      device: null,
      software: false,
      placement: [],
      placementNote: null,
      fallbacks: 0,
    });
    const required = await run({ backends, require: ['node/cuda'] });
    expect([required.verdict, exitCodeOf(required)]).toEqual(['incomplete', 3]);
  });

  it('one that fails in mid-run keeps its comparisons, and everything else completes', async () => {
    const crash = new RheobaseError('crashed', 'its process ended with SIGKILL');
    const report = await run({
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
    const report = await run({
      backends: [cpuBackend(), failingBackend('bad/cpu', new RheobaseError('timeout', 'too slow'), 4)],
    });
    expect(report.backends[1]).toMatchObject({ status: 'failed', reason: 'timeout: too slow' });
    expect(report.comparisons.map(({ verdict }) => verdict)).toEqual(['agree', 'agree']);
    expect(report.timings.map(({ backend }) => backend)).toEqual(['node/cpu', 'bad/cpu']);
  });

  it('a failed baseline leaves the others timed, and the verdict incomplete', async () => {
    const report = await run({
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
    const report = await run({ models: [strange, path], backends, cases: (model) => seededCases(model) });
    expect(report.verdict).toBe('incomplete');
    expect(report.backends[1]?.reason).toMatch(/strange\.onnx.*NoSuchOperator/);
    expect(report.comparisons.map(({ model }) => model)).toEqual([path, path]);
  });

  it('without any other that ran, nothing was verified', async () => {
    expect((await run({ backends: [cpuBackend(), missingBackend('node/cuda')] })).verdict).toBe('incomplete');
    expect((await run({ backends: [cpuBackend()] })).verdict).toBe('agree');
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
    ['a model given twice', { models: [path, path] }, /is given twice/],
    [
      'an unknown baseline',
      { baseline: 'node/gpu' },
      /^baseline node\/gpu: is not among the backends; these are node\/cpu/,
    ],
    ['an unknown required backend', { require: ['node/gpu'] }, /^required backend node\/gpu/],
    [
      'cases that do not fit',
      { cases: (model: Model) => givenCases(model, [{ name: 'a', feeds: {} }]) },
      /^case a: input x: no value is given/,
    ],
    [
      'two cases of one name',
      {
        cases: function* (model: Model) {
          yield* seededCases(model);
          yield* seededCases(model);
        },
      },
      /^case random0: two cases have this name/,
    ],
  ] as const)('%s is refused by name', async (_, options, message) => {
    const error = await run({ backends, ...(options as Partial<VerifyOptions>) }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RheobaseError);
    expect(error).toMatchObject({ code: 'bad-input', message: expect.stringMatching(message) });
  });

  it('a bad model is found before anything runs', async () => {
    const events: VerifyEvent[] = [];
    await run({ models: [path, 'nowhere.onnx'], backends, onEvent: (event) => events.push(event) }).catch(() => {});
    expect(events).toEqual([]);
  });
});

it('special values, in many small cases, agree with themselves', async () => {
  const report = await run({
    backends: [cpuBackend(), cpuBackend('other/cpu')],
    cases: (model) => specialCases(model),
    runs: 0,
  });
  expect(report.verdict).toBe('agree');
  expect(report.comparisons.length).toBeGreaterThan(12);
});

it('tells what happens as it happens', async () => {
  const kinds: string[] = [];
  await run({ backends: [cpuBackend(), cpuBackend('other/cpu')], onEvent: ({ kind }) => kinds.push(kind) });
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
