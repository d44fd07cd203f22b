import { describe, expect, it } from 'vitest';
import { seededCases } from '../cases/index.js';
import { cpuBackend, faultyBackend, onOtherDevice } from '../fixtures/backends.js';
import { changing, verifyNetwork } from '../fixtures/network.js';
import { exitCodeOf } from './verdict.js';

describe('a backend on another device that computes something else', () => {
  it.each(['w1', 'w2'])('shows one per cent of any weight of %s', async (weights) => {
    const backends = [
      cpuBackend(),
      onOtherDevice(
        faultyBackend(
          'bad/wasm',
          changing(weights, 5, (w) => w * 1.01),
        ),
      ),
    ];
    const report = await verifyNetwork({ backends });
    const row = report.comparisons.find(({ output }) => output === 'probabilities');
    expect(row?.firstDivergence?.node).toBe(weights === 'w1' ? 'dense1' : 'dense2');
    expect(row?.suspects[0]?.role).toBe('creates');
  });
});

describe('a backend that computes something else', () => {
  it.each([
    ['one ULP of a weight', changing('w1', 9, (w) => w + Math.abs(w) * 2 ** -23), 'dense1', 'MatMul', 'a'],
    ['one per cent of a weight', changing('w2', 5, (w) => w * 1.01), 'dense2', 'MatMul', 'logits'],
    ['θ', changing('theta', 0, (theta) => theta + 0.01), 'gate', 'Greater', 'mask'],
    ['a weight of the first layer', changing('w1', 5, (w) => w * 1.5 + 0.5), 'dense1', 'MatMul', 'a'],
    ['a weight of the second layer', changing('w2', 5, (w) => w * 1.5 + 0.5), 'dense2', 'MatMul', 'logits'],
    ['a NaN among the weights', changing('w2', 0, () => Number.NaN), 'dense2', 'MatMul', 'logits'],
  ])('diverges, and %s is blamed on the node that takes it', async (_, fault, node, opType, output) => {
    const report = await verifyNetwork({ backends: [cpuBackend(), faultyBackend('bad/cpu', fault)] });
    expect(report.verdict).toBe('diverge');
    expect(exitCodeOf(report)).toBe(1);
    const row = report.comparisons.find((comparison) => comparison.output === 'probabilities');
    expect(row).toMatchObject({ verdict: 'diverge', firstDivergence: { node, opType, output } });
    expect(row?.reason).toMatch(/elements out of tolerance/);
  });

  it('is blamed only for what the diverging output depends on', async () => {
    const report = await verifyNetwork({
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
    const { comparisons } = await verifyNetwork({
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
    const exact = await verifyNetwork({ backends, tolerance: { all: { atol: 0 } } });
    const wide = await verifyNetwork({ backends, tolerance: { outputs: { probabilities: { atol: 0.1 } } } });
    expect([exact.verdict, wide.verdict]).toEqual(['diverge', 'agree']);
    expect(wide.comparisons[0]?.tolerance).toMatchObject({ atol: 0.1, reason: 'as asked for' });
  });
});
