import { constant, type Value } from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { apply } from '../../../test/apply.js';
import { definitionError } from '../../../test/definition-check.js';
import { gradientError } from '../../../test/gradient-check.js';

const OPSET = 23;
const isSeen = constant({ dtype: 'bool', shape: [3, 3], data: Uint8Array.of(1, 0, 1, 1, 1, 0, 0, 1, 1) });

describe('Attention', () => {
  it.each<[string, number[][], Record<string, number>, ((q: Value) => Value)?]>([
    [
      'heads apart',
      [
        [2, 2, 3, 4],
        [2, 2, 3, 4],
        [2, 2, 3, 2],
      ],
      {},
    ],
    [
      'causal, scaled and capped',
      [
        [1, 2, 3, 2],
        [1, 2, 3, 2],
        [1, 2, 3, 2],
      ],
      { is_causal: 1, scale: 0.7, softcap: 2 },
    ],
    [
      'fewer heads of keys',
      [
        [1, 4, 3, 2],
        [1, 2, 3, 2],
        [1, 2, 3, 2],
      ],
      {},
    ],
    [
      'heads side by side',
      [
        [2, 3, 4],
        [2, 3, 4],
        [2, 3, 4],
      ],
      { q_num_heads: 2, kv_num_heads: 2 },
    ],
    [
      'a mask of yes and no',
      [
        [1, 2, 3, 2],
        [1, 2, 3, 2],
        [1, 2, 3, 2],
      ],
      {},
      () => isSeen,
    ],
  ])('%s', async (_name, shapes, attributes, mask) => {
    const build = (q: Value, k: Value, v: Value) => apply('Attention', [q, k, v, mask?.(q)], attributes);
    const test = { shapes, build, opset: OPSET };
    expect(await definitionError(test)).toBeLessThan(1e-5);
    expect(await gradientError(test)).toBeLessThan(1e-6);
    const declared = shapes.map(([, ...rest]) => ['n', ...rest]);
    expect(await gradientError({ ...test, declared })).toBeLessThan(1e-6);
  });

  it('of a value with itself: every use counts', async () => {
    const test = { shapes: [[1, 2, 3, 2]], build: (x: Value) => apply('Attention', [x, x, x]), opset: OPSET };
    expect(await gradientError(test)).toBeLessThan(1e-6);
  });

  it('a mask that is added learns too', async () => {
    const build = (q: Value, mask: Value) => apply('Attention', [q, q, q, mask]);
    expect(
      await gradientError({
        shapes: [
          [1, 2, 3, 2],
          [3, 3],
        ],
        build,
        opset: OPSET,
      }),
    ).toBeLessThan(1e-6);
  });
});

describe('RotaryEmbedding', () => {
  it.each<[string, number[][], Record<string, number>]>([
    [
      'heads apart',
      [
        [2, 2, 3, 4],
        [2, 3, 2],
        [2, 3, 2],
      ],
      {},
    ],
    [
      'interleaved',
      [
        [2, 2, 3, 4],
        [2, 3, 2],
        [2, 3, 2],
      ],
      { interleaved: 1 },
    ],
    [
      'heads side by side',
      [
        [2, 3, 8],
        [2, 3, 2],
        [2, 3, 2],
      ],
      { num_heads: 2 },
    ],
    [
      'a part of each',
      [
        [2, 2, 3, 6],
        [2, 3, 2],
        [2, 3, 2],
      ],
      { rotary_embedding_dim: 4 },
    ],
  ])('%s', async (_name, shapes, attributes) => {
    const build = (...inputs: Value[]) => apply('RotaryEmbedding', inputs, attributes);
    const test = { shapes, build, opset: OPSET };
    expect(await definitionError(test)).toBeLessThan(1e-5);
    // There is no such operator of float64; it is linear in each input, so that small integers are exact.
    expect(await gradientError({ ...test, exact: true })).toBe(0);
  });
});
