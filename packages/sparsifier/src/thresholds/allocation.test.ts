import { describe, expect, it } from 'vitest';
import { allocationFor, greedyPath, type LayerCurve, uniformAllocation } from './allocation.js';

const cheap: LayerCurve = { neurons: 100, levels: [0.5, 0.7, 0.9], errors: [0, 0.01, 0.02] };
const dear: LayerCurve = { neurons: 300, levels: [0.1, 0.5, 0.9], errors: [0, 0.5, 2] };

describe('greedyPath', () => {
  const path = greedyPath([cheap, dear]);

  it('raises first what costs least', () => {
    expect(path.map(({ sparsities }) => sparsities)).toEqual([
      [0.5, 0.1],
      [0.7, 0.1],
      [0.9, 0.1],
      [0.9, 0.5],
      [0.9, 0.9],
    ]);
  });

  it('weighs layers by their neurons', () => {
    expect(path[0]?.sparsity).toBeCloseTo((100 * 0.5 + 300 * 0.1) / 400);
  });

  it('leads to a target between two of its points', () => {
    const found = allocationFor(path, 0.4);
    expect(found?.sparsities[0]).toBe(0.9);
    expect((100 * 0.9 + 300 * (found?.sparsities[1] ?? 0)) / 400).toBeCloseTo(0.4);
    expect(allocationFor(path, 0.95)).toBeUndefined();
  });
});

it('a uniform allocation never makes a layer less silent than it is', () => {
  expect(uniformAllocation([cheap, dear], 0.3).sparsities).toEqual([0.5, 0.3]);
});
