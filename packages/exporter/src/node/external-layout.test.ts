import { describe, expect, it } from 'vitest';
import { type ExternalDataOptions, layOut, SHARD_BYTES } from './external-layout.js';

const places = (lengths: readonly number[], options: ExternalDataOptions = {}) =>
  layOut(
    lengths.map((length, item) => ({ item, length })),
    options,
    'model.onnx',
  ).map(({ location, offset }) => [location, offset]);

describe('the layout of external data', () => {
  it('begins large tensors where a mapping can begin, small ones at pages', () => {
    expect(places([65_536, 5, 4096, 65_535, 70_000])).toEqual([
      ['model.onnx.data', 0],
      ['model.onnx.data', 65_536],
      ['model.onnx.data', 69_632],
      ['model.onnx.data', 73_728],
      ['model.onnx.data', 196_608],
    ]);
  });

  it('stays below 2 GB a file, but for a tensor that is larger itself', () => {
    expect(SHARD_BYTES).toBeLessThan(2e9);
    expect(places([1.5e9, 0.4e9, 0.2e9, 3e9, 10])).toEqual([
      ['model.onnx-1-of-4.data', 0],
      ['model.onnx-1-of-4.data', 1_500_053_504],
      ['model.onnx-2-of-4.data', 0],
      ['model.onnx-3-of-4.data', 0],
      ['model.onnx-4-of-4.data', 0],
    ]);
  });

  it.each<[string, string]>([
    ['weights/w.bin', 'weights/w-2-of-2.bin'],
    ['weights.d/w', 'weights.d/w-2-of-2'],
    ['.hidden', '.hidden-2-of-2'],
  ])('numbers the files of %s', (location, second) => {
    expect(places([10, 10], { location, shardBytes: 10 })[1]).toEqual([second, 0]);
  });

  it.each<[ExternalDataOptions, string]>([
    [{ location: '../w' }, 'its location leaves the folder of the model'],
    [{ location: 'model.onnx' }, 'it has the name of the model itself'],
    [{ alignment: 0 }, 'alignment is 0, not a number of bytes'],
    [{ shardBytes: 1.5 }, 'shardBytes is 1.5, not a number of bytes'],
  ])('refuses %j', (options, message) => {
    expect(() => places([1], options)).toThrow(message);
  });
});
