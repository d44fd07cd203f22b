import { describe, expect, it } from 'vitest';
import { input } from '../builder/index.js';
import type { Shape } from '../model/model.js';
import * as op from '../op/index.js';

const f32 = (...shape: NonNullable<Shape>) => input('x', 'float32', shape);

describe('shapes', () => {
  it.each<[string, Shape, Shape]>([
    ['broadcast names with ones', op.add(f32('batch', 1, 3), f32(5, 1)).shape, ['batch', 5, 3]],
    ['broadcast a name with a number: the number', op.add(f32('n'), f32(7)).shape, [7]],
    ['broadcast two names: unknown', op.add(f32('n'), f32('m')).shape, [null]],
    ['broadcast a zero extent', op.add(f32(0, 1), f32(1, 4)).shape, [0, 4]],
    ['unknown rank stays unknown', op.add(input('x', 'float32', null), f32(1)).shape, null],
    ['matMul of batches', op.matMul(f32('b', 1, 2, 3), f32(4, 3, 5)).shape, ['b', 4, 2, 5]],
    ['matMul of vectors', op.matMul(f32(3), f32(3)).shape, []],
    ['matMul of a vector and a matrix', op.matMul(f32(3), f32(3, 5)).shape, [5]],
    [
      'gemm transposed',
      op.gemm(f32(784, 'batch'), f32(10, 784), undefined, { transA: true, transB: true }).shape,
      ['batch', 10],
    ],
    ['reshape with the rest', op.reshape(f32('batch', 28, 28), [0, -1]).shape, ['batch', 784]],
    ['reshape: the rest is a name', op.reshape(f32('batch', 4), [-1, 2, 2]).shape, ['batch', 2, 2]],
    ['reshape: the rest is an expression', op.reshape(f32('batch', 4), [-1, 2]).shape, ['2*batch', 2]],
    ['reshape: the rest is not known', op.reshape(f32('batch', 3), [-1, 2]).shape, [null, 2]],
    ['reshape by a value: the rank', op.reshape(f32(4), input('s', 'int64', [2])).shape, [null, null]],
    ['flatten', op.flatten(f32('batch', 2, 3)).shape, ['batch', 6]],
    ['flatten from the end', op.flatten(f32(2, 3, 4), { axis: -1 }).shape, [6, 4]],
    ['transpose', op.transpose(f32(1, 'b', 3)).shape, [3, 'b', 1]],
    ['transpose by a permutation', op.transpose(f32(1, 2, 3), { perm: [1, 0, 2] }).shape, [2, 1, 3]],
    ['reduce an axis', op.reduceSum(f32('b', 3), { axes: [-1] }).shape, ['b', 1]],
    ['reduce an axis away', op.reduceSum(f32('b', 3), { axes: [0], keepdims: false }).shape, [3]],
    ['reduce all', op.reduceMean(f32('b', 3), { keepdims: false }).shape, []],
    ['softmax', op.softmax(f32('b', 3)).shape, ['b', 3]],
  ])('%s', (_, shape, expected) => expect(shape).toEqual(expected));

  it.each<[string, () => unknown, string]>([
    ['reshape to another size', () => op.reshape(f32(2, 3), [4]), 'Reshape: [2,3] to [4]: the sizes differ'],
    ['reshape with a rest that is no number', () => op.reshape(f32(2, 3), [4, -1]), 'the sizes differ'],
    ['transpose by no permutation', () => op.transpose(f32(2, 3), { perm: [0, 0] }), 'does not permute'],
    ['gemm of a vector', () => op.gemm(f32(3), f32(3, 2)), 'Gemm: [3] x [3,2]: both must be matrices'],
    ['gemm with a C that does not fit', () => op.gemm(f32(1, 3), f32(3, 2), f32(3)), 'do not broadcast'],
  ])('%s', (_, action, message) => expect(action).toThrow(message));
});

describe('element types', () => {
  it('follow the schema', () => {
    expect(op.greater(f32(1), 0).dtype).toBe('bool');
    expect(op.cast(f32(1), 'int64').dtype).toBe('int64');
    expect(op.where(op.greater(f32(1), 0), input('h', 'float16', [1]), 0).dtype).toBe('float16');
  });
});
