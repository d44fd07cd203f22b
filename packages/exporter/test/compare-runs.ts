/** Whether a rewritten model computes what the original computes, on the real runtime, within a rule's bound. */
import { expect } from 'vitest';
import { elementNumbers } from '../src/analysis/elements.js';
import type { Model } from '../src/model/model.js';
import type { Bound } from '../src/rewrite/rule.js';
import type { Tensor } from '../src/tensor/index.js';
import { runOnCpu } from './run-on-cpu.js';

/** Inputs over which float functions part: both zeros, denormals, infinities, NaN, the ends of the range. */
export const SPECIAL: readonly number[] = [
  ...[Number.NaN, Infinity, -Infinity, 0, -0, 2 ** -149, -(2 ** -149), 2 ** -126, 3.4028234663852886e38],
  ...[-3.4028234663852886e38, 1, -1, 0.5, -0.5, 0.2, -0.2, 0.25, -0.25, 3, -3, 6, -6, 1e-6, -1e-6, 10, -10, 100, -100],
];

/** Ordinary finite inputs, evenly from −limit to limit. */
export function finite(count: number, limit = 8): number[] {
  return Array.from({ length: count }, (_, index) => -limit + (2 * limit * index) / (count - 1));
}

export async function expectSameOutputs(
  before: Model,
  after: Model,
  feeds: Readonly<Record<string, Tensor>>,
  bound: Bound,
): Promise<void> {
  const [original, rewritten] = [await runOnCpu(before, feeds), await runOnCpu(after, feeds)];
  expect(Object.keys(rewritten)).toEqual(Object.keys(original));
  for (const [name, expected] of Object.entries(original)) {
    const actual = rewritten[name];
    expect([actual.dtype, actual.shape], name).toEqual([expected.dtype, expected.shape]);
    const [a, b] = [elementNumbers(actual) ?? [], elementNumbers(expected) ?? []];
    const wrong = b.flatMap((value, index) =>
      within(a[index], value, bound) ? [] : [`${name}[${index}]: ${value} → ${a[index]}`],
    );
    expect(wrong).toEqual([]);
  }
}

function within(actual: number, expected: number, bound: Bound): boolean {
  if (Object.is(actual, expected)) return true;
  if (bound === 'bit-equal') return false;
  return Math.abs(actual - expected) <= bound.absolute + bound.relative * Math.abs(expected);
}
