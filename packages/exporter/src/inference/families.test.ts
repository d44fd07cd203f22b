/** Rules by family, through the functions of the builder: numbers, names, expressions of names, and what is not known. */
import { describe, expect, it } from 'vitest';
import { constant, input } from '../builder/index.js';
import type { Shape } from '../model/model.js';
import * as op from '../op/index.js';

const f32 = (...shape: NonNullable<Shape>) => input('x', 'float32', shape);
const i64 = (...shape: NonNullable<Shape>) => input('i', 'int64', shape);
const weights = (...shape: NonNullable<Shape>) => input('w', 'float32', shape);

describe('shapes', () => {
  it.each<[string, Shape, Shape]>([
    [
      'conv',
      op.conv(f32('b', 3, 32, 32), weights(8, 3, 3, 3), undefined, { pads: [1, 1, 1, 1] }).shape,
      ['b', 8, 32, 32],
    ],
    [
      'conv with strides',
      op.conv(f32(1, 3, 33, 32), weights(8, 3, 3, 3), undefined, { strides: [2, 2] }).shape,
      [1, 8, 16, 15],
    ],
    ['conv over a named extent', op.conv(f32(1, 3, 'h', 'w'), weights(8, 3, 3, 1)).shape, [1, 8, 'h-2', 'w']],
    [
      'conv SAME',
      op.conv(f32(1, 3, 7, 'w'), weights(8, 3, 3, 3), undefined, { autoPad: 'SAME_UPPER', strides: [2, 1] }).shape,
      [1, 8, 4, 'w'],
    ],
    ['conv in groups', op.conv(f32(1, 4, 5, 5), weights(8, 1, 5, 5), undefined, { group: 4 }).shape, [1, 8, 1, 1]],
    [
      'conv transposed',
      op.convTranspose(f32(1, 4, 8, 'w'), weights(4, 2, 3, 3), undefined, { strides: [2, 2] }).shape,
      [1, 2, 17, '2*w+1'],
    ],
    [
      'max pool, rounded up',
      op.maxPool(f32('b', 4, 8, 8), { kernelShape: [3, 3], strides: [2, 2], ceilMode: true }).y.shape,
      ['b', 4, 4, 4],
    ],
    ['global pool', op.globalMaxPool(f32('b', 4, 8, 'w')).shape, ['b', 4, 1, 1]],
    ['concat of names', op.concat([f32('b', 2), f32('b', 'n')], { axis: 1 }).shape, ['b', 'n+2']],
    ['concat of one name', op.concat([f32('b', 2), f32('b', 2)], { axis: 0 }).shape, ['2*b', 2]],
    [
      'split in parts',
      op.split(f32('b', 7), { axis: 1, numOutputs: 3 }).flatMap(({ shape }) => shape),
      ['b', 3, 'b', 3, 'b', 1],
    ],
    ['split of a name', op.split(f32('2*b', 7), { axis: 0, numOutputs: 2 })[0].shape, ['b', 7]],
    ['slice', op.slice(f32('b', 10), [-3], [100], { axes: [1] }).shape, ['b', 3]],
    ['slice backwards', op.slice(f32(10), [-1], [-11], { steps: [-2] }).shape, [5]],
    ['slice of a name', op.slice(f32('b', 10), [1], [100]).shape, [null, 10]],
    ['pad', op.pad(f32('b', 3), [0, 1, 0, 2]).shape, ['b', 6]],
    ['pad of a name', op.pad(f32('b', 3), [1, 1], { axes: [0] }).shape, ['b+2', 3]],
    ['tile', op.tile(f32('b', 3), [2, 2]).shape, ['2*b', 6]],
    ['expand', op.expand(f32('b', 1), [1, 5]).shape, ['b', 5]],
    ['squeeze', op.squeeze(f32('b', 1, 3), [-2]).shape, ['b', 3]],
    ['unsqueeze', op.unsqueeze(f32('b', 3), [0, -1]).shape, [1, 'b', 3, 1]],
    ['gather', op.gather(f32('b', 5, 3), i64(2, 'n'), { axis: 1 }).shape, ['b', 2, 'n', 3]],
    ['gatherND', op.gatherND(f32('b', 5, 3), i64('n', 2)).shape, ['n', 3]],
    ['nonZero', op.nonZero(f32('b', 5)).shape, [2, null]],
    ['compress', op.compress(f32('b', 5), [true], { axis: 1 }).shape, ['b', null]],
    ['argMax', op.argMax(f32('b', 5), { axis: -1, keepdims: false }).shape, ['b']],
    ['topK', op.topK(f32('b', 5), 2).indices.shape, ['b', 2]],
    ['oneHot', op.oneHot(i64('b'), 10, constant([0, 1])).shape, ['b', 10]],
    ['cumSum', op.cumSum(f32('b', 5), 1).shape, ['b', 5]],
    ['range', op.range(constant(1n), 10, 3).shape, [3]],
    ['constantOfShape', op.constantOfShape(op.shape(f32('b', 5))).shape, ['b', 5]],
    [
      'einsum',
      op.einsum([f32('b', 'h', 'q', 8), f32('b', 'h', 'k', 8)], { equation: 'bhqd,bhkd->bhqk' }).shape,
      ['b', 'h', 'q', 'k'],
    ],
    ['einsum with an ellipsis', op.einsum([f32('b', 2, 3), f32(3, 4)], { equation: '...j,jk' }).shape, ['b', 2, 4]],
    ['resize by scales', op.resize(f32('b', 3, 5, 5), { scales: constant([1, 1, 2, 0.5]) }).shape, ['b', 3, 10, 2]],
    ['depthToSpace', op.depthToSpace(f32('b', 8, 'h', 3), { blocksize: 2 }).shape, ['b', 2, '2*h', 6]],
    ['layerNormalization', op.layerNormalization(f32('b', 5), weights(5)).mean.shape, ['b', 1]],
    [
      'lstm',
      op.lstm(f32('t', 'b', 3), weights(2, 24, 3), weights(2, 24, 6), { direction: 'bidirectional' }).y.shape,
      ['t', 2, 'b', 6],
    ],
    [
      'attention',
      op.attention(f32('b', 4, 'q', 8), f32('b', 2, 'k', 8), f32('b', 2, 'k', 16)).y.shape,
      ['b', 4, 'q', 16],
    ],
    ['flatten of names', op.flatten(f32('b', 'h', 3)).shape, ['b', '3*h']],
  ])('%s', (_, shape, expected) => expect(shape).toEqual(expected));
});

describe('shapes that are computed', () => {
  const x = f32('batch', 28, 28);
  it.each<[string, Shape, Shape]>([
    [
      'Shape, Gather, Concat, Reshape',
      op.reshape(x, op.concat([op.gather(op.shape(x), [0]), [-1]], { axis: 0 })).shape,
      ['batch', 784],
    ],
    [
      'a scalar, unsqueezed',
      op.reshape(x, op.concat([op.unsqueeze(op.gather(op.shape(x), constant(0n)), [0]), [14, -1]], { axis: 0 })).shape,
      ['batch', 14, 56],
    ],
    [
      'a product',
      op.reshape(x, op.mul(op.concat([op.shape(x, { end: 1 }), [7]], { axis: 0 }), [2, 56])).shape,
      ['2*batch', 392],
    ],
    ['a slice of a shape', op.expand(f32(1), op.slice(op.shape(x), [0], [2])).shape, ['batch', 28]],
    ['a cast and back', op.reshape(x, op.cast(op.cast(op.shape(x), 'int32'), 'int64')).shape, ['batch', 28, 28]],
    ['a size', op.reshape(x, op.unsqueeze(op.size(x), [0])).shape, ['784*batch']],
    ['a product of extents', op.reshape(x, op.reduceProd(op.shape(x))).shape, ['784*batch']],
    [
      'a number computed at run time',
      op.reshape(x, op.concat([input('n', 'int64', [1]), [-1]], { axis: 0 })).shape,
      [null, null],
    ],
  ])('%s', (_, shape, expected) => expect(shape).toEqual(expected));
});

describe('what cannot be', () => {
  it.each<[string, () => unknown, string]>([
    [
      'conv of other channels',
      () => op.conv(f32(1, 3, 8, 8), weights(8, 4, 3, 3)),
      'Conv: [1,3,8,8] with weights [8,4,3,3] in 1 groups: 3 channels, not 4',
    ],
    [
      'a window larger than the image',
      () => op.maxPool(f32(1, 1, 2, 2), { kernelShape: [3, 3] }),
      'MaxPool: a window of 3 over an extent of 2',
    ],
    [
      'concat of other extents',
      () => op.concat([f32(2, 3), f32(2, 4)], { axis: 0 }),
      'Concat: [2,3] and [2,4] differ on axis 1',
    ],
    ['squeeze of an extent', () => op.squeeze(f32(2, 3), [0]), 'Squeeze: axis 0 of [2,3] is not 1'],
    ['parts that do not add up', () => op.split(f32(7), { split: [3, 3] }), 'Split: parts of [3,3] do not make up 7'],
    ['more than there are', () => op.topK(f32(3), 5), 'TopK: k = 5 of 3 elements'],
    [
      'einsum of other extents',
      () => op.einsum([f32(2, 3), f32(4, 5)], { equation: 'ij,jk->ik' }),
      "Einsum: 'j' is 3 and 4",
    ],
    ['pads for no axes', () => op.pad(f32(2, 3), [1, 1]), 'Pad: 2 pads for 2 axes, which take two each'],
  ])('%s', (_, action, message) => expect(action).toThrow(message));
});
