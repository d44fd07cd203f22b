import { describe, expect, it } from 'vitest';
import { chooseLowering } from './choose-lowering.js';
import { type CostModel, crossover, denseMs, sparseMs } from './cost-model.js';
import { fitNonNegative } from './least-squares.js';

const model: CostModel = {
  backend: 'node/cpu',
  threads: 1,
  dense: { baseMs: 0.01, msPerByte: 4e-8 },
  sparse: { baseMs: 0.05, msPerByte: 1e-7, msPerNeuron: 1e-5 },
};
const wide = { inner: 4096, outer: 4096 };

describe('the cost model', () => {
  it('crosses where both cost the same', () => {
    const active = crossover(model, wide);
    expect(sparseMs(model, wide, active)).toBeLessThanOrEqual(denseMs(model, wide));
    expect(sparseMs(model, wide, active + 1)).toBeGreaterThan(denseMs(model, wide));
  });

  it('leaves small and busy products dense', () => {
    expect(chooseLowering(model, { inner: 32, outer: 32, active: 1 }).lowering).toEqual({ kind: 'dense' });
    expect(chooseLowering(model, { ...wide, active: 4000 }).lowering).toEqual({ kind: 'dense' });
    expect(chooseLowering(model, { ...wide, active: 200 }).lowering.kind).toBe('adaptive');
  });

  it('does not ask how many fire where few rows are read and many more could be', () => {
    expect(chooseLowering(model, { ...wide, active: 40 }).lowering).toEqual({ kind: 'gather', by: 'mask' });
    const parallel = { ...model, threads: 2 };
    expect(chooseLowering(parallel, { ...wide, active: 40 }).lowering).toEqual({ kind: 'gather' });
    const narrow = { inner: 1024, outer: 1024 };
    const limit = crossover(model, narrow);
    expect(chooseLowering(model, { ...narrow, active: limit / 1.2 }).lowering.kind).toBe('adaptive');
  });

  it('takes fixed shapes on WebGPU', () => {
    expect(chooseLowering({ ...model, backend: 'chromium/webgpu' }, { ...wide, active: 100 }).lowering).toEqual({
      kind: 'topk',
      k: 140,
    });
  });
});

describe('least squares', () => {
  const rows = [1, 2, 5, 9].map((x) => [1, x]);
  const ones = rows.map(() => 1);

  it('finds a line', () => {
    const [base, slope] = fitNonNegative(
      rows,
      rows.map(([, x = 0]) => 3 + 2 * x),
      ones,
    );
    expect([base, slope]).toEqual([expect.closeTo(3), expect.closeTo(2)]);
  });

  it('has no negative part', () => {
    const [base = -1, slope = -1] = fitNonNegative(
      rows,
      rows.map(([, x = 0]) => -3 + 2 * x),
      ones,
    );
    expect(base).toBe(0);
    expect(slope).toBeGreaterThan(0);
  });
});
