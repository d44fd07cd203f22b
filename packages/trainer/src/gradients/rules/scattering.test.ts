import { constant, makeNode, op, type Value } from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import { describe, expect, it } from 'vitest';
import { apply } from '../../../test/apply.js';
import { gradientError } from '../../../test/gradient-check.js';

const TOLERANCE = 1e-6;
const tensor = (shape: readonly number[], list: readonly number[]) =>
  constant({ dtype: 'int64', shape, data: BigInt64Array.from(list, BigInt) });

describe.each(['none', 'add', 'max', 'min'])('scattering, reduction %s', (reduction) => {
  it.each([0, 1, -1])('ScatterElements along axis %d', async (axis) => {
    const indices = tensor([2, 2], [0, 2, 1, 0]);
    const build = (data: Value, updates: Value) =>
      apply('ScatterElements', [data, indices, updates], { axis, reduction });
    const test = {
      shapes: [
        [3, 3],
        [2, 2],
      ],
      build,
      seed: 5,
    };
    expect(await gradientError(test)).toBeLessThan(TOLERANCE);
    expect(
      await gradientError({
        ...test,
        declared: [
          ['n', 'm'],
          [2, 2],
        ],
      }),
    ).toBeLessThan(TOLERANCE);
  });

  it('ScatterND of rows', async () => {
    const build = (data: Value, updates: Value) =>
      apply('ScatterND', [data, tensor([2, 1], [2, 0]), updates], { reduction });
    const test = {
      shapes: [
        [4, 3],
        [2, 3],
      ],
      build,
      seed: 7,
    };
    expect(await gradientError(test)).toBeLessThan(TOLERANCE);
    expect(
      await gradientError({
        ...test,
        declared: [
          ['n', 'm'],
          [2, 'm'],
        ],
      }),
    ).toBeLessThan(TOLERANCE);
  });
});

describe('elements chosen when running', () => {
  it('Compress along an axis and of all elements', async () => {
    const mask = constant({ dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) });
    for (const attributes of [{ axis: 1 }, {}]) {
      const build = (x: Value) => apply('Compress', [x, mask], attributes);
      expect(await gradientError({ shapes: [[2, 3]], build })).toBeLessThan(TOLERANCE);
    }
  });

  it('TopK whose indices nothing else reads', async () => {
    const build = (x: Value) => makeNode(schemas.TopK, [x, tensor([1], [2])], { axis: 1 }, { outputs: 2 })[0];
    expect(await gradientError({ shapes: [[2, 5]], build })).toBeLessThan(TOLERANCE);
  });

  it('MaxUnpool', async () => {
    const build = (x: Value) =>
      makeNode(schemas.MaxUnpool, [x, tensor([1, 1, 2], [1, 3])], { kernel_shape: [2], strides: [2] }, {})[0];
    // ONNX Runtime has it in float32 alone; it only moves elements, so that small integers are exact.
    expect(await gradientError({ shapes: [[1, 1, 2]], build: (x) => op.mul(build(x), 2), exact: true })).toBe(0);
  });
});
