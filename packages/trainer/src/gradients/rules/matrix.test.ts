import { makeValue, op, type Value } from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradientError } from '../../../test/gradient-check.js';

const TOLERANCE = 1e-6;
const extent = fc.integer({ min: 1, max: 4 });

describe('MatMul', () => {
  it.each([
    [
      [3, 4],
      [4, 2],
    ],
    [
      [2, 3, 4],
      [4, 2],
    ],
    [
      [2, 1, 3, 4],
      [4, 2],
    ],
    [
      [2, 3, 4],
      [2, 4, 2],
    ],
    [
      [3, 1, 2, 4],
      [2, 4, 3],
    ],
    [
      [2, 4],
      [3, 4, 2],
    ],
    [[4], [4]],
    [[4], [4, 2]],
    [[3, 4], [4]],
    [[4], [2, 4, 3]],
    [[2, 3, 4], [4]],
  ])('%j × %j', async (a, b) => {
    expect(await gradientError({ shapes: [a, b], build: (x, y) => op.matMul(x, y) })).toBeLessThan(TOLERANCE);
  });

  it.each([
    [
      ['batch', 4],
      [4, 2],
    ],
    [
      ['batch', 'time', 4],
      [4, 2],
    ],
    [
      ['batch', 3, 4],
      ['batch', 4, 2],
    ],
    [
      ['batch', 3, 4],
      ['other', 4, 2],
    ],
  ])('named extents: %j × %j', async (a, b) => {
    const resolve = (shape: readonly (string | number)[]) => shape.map((dim) => (typeof dim === 'string' ? 3 : dim));
    const shapes = [resolve(a), resolve(b)];
    const test = { shapes, declared: [a, b], build: (x: Value, y: Value) => op.matMul(x, y) };
    expect(await gradientError(test)).toBeLessThan(TOLERANCE);
  });
});

describe('Gemm', () => {
  it('every transposition, any bias', async () => {
    const bias = fc.constantFrom<(m: number, n: number) => number[]>(
      () => [],
      (_, n) => [n],
      (m) => [m, 1],
      (m, n) => [m, n],
    );
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.boolean(),
        extent,
        extent,
        extent,
        bias,
        async (transA, transB, m, k, n, biasOf) => {
          const shapes = [transA ? [k, m] : [m, k], transB ? [n, k] : [k, n], biasOf(m, n)];
          const build = (a: Value, b: Value, c: Value) => op.gemm(a, b, c, { transA, transB, alpha: 0.5, beta: 1.5 });
          expect(await gradientError({ shapes, build })).toBeLessThan(TOLERANCE);
        },
      ),
      { numRuns: 30, seed: 11 },
    );
  });
});

describe('Einsum', () => {
  it.each([
    [
      'ij,jk->ik',
      [
        [2, 3],
        [3, 4],
      ],
    ],
    [
      'bij,bjk',
      [
        [2, 3, 4],
        [2, 4, 2],
      ],
    ],
    [
      'bhqd,bhkd->bhqk',
      [
        [2, 2, 3, 4],
        [2, 2, 2, 4],
      ],
    ],
    ['i,j->ij', [[3], [4]]],
    ['ij,j,i->i', [[2, 3], [3], [2]]],
    ['ij,k->k', [[2, 3], [4]]],
    ['bij->b', [[2, 3, 4]]],
    [
      '...ij,jk->...ik',
      [
        [2, 2, 2, 3],
        [3, 4],
      ],
    ],
    [
      '...i,...i',
      [
        [2, 3],
        [2, 3],
      ],
    ],
  ])('%s', async (equation, shapes) => {
    const build = (...operands: Value[]) => makeValue(schemas.Einsum, operands, { equation });
    expect(await gradientError({ shapes, build })).toBeLessThan(TOLERANCE);
  });
});
