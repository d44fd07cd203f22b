import type { Tensor } from '@rheobase/exporter';
import { describe, expect, it } from 'vitest';
import { datasetTensors, type ExampleType, tensorDataset, withInputShape, withTargets } from './index.js';

const images = (...shape: number[]): Tensor => {
  const size = shape.reduce((product, extent) => product * extent, 2);
  return { dtype: 'float32', shape: [2, ...shape], data: Float32Array.from({ length: size }, (_, at) => at) };
};
const classes: Tensor = { dtype: 'int64', shape: [2], data: BigInt64Array.of(2n, 0n) };
const rows: Tensor = { dtype: 'float32', shape: [2, 3], data: Float32Array.of(0, 0, 1, 1, 0, 0) };

describe('withInputShape', () => {
  it.each<[readonly number[], readonly number[]]>([
    [[2, 2], [4]],
    [[4], [1, 2, 2]],
    [
      [2, 2, 1],
      [1, 2, 2],
    ],
  ])('[%s] as [%s]: the elements in their order', (from, to) => {
    const { x } = datasetTensors(withInputShape(tensorDataset(images(...from), classes), to));
    expect(x).toEqual({ ...images(...from), shape: [2, ...to] });
  });

  it('turns channels last to channels first, and back', () => {
    const last = tensorDataset(images(2, 4, 3), classes);
    const first = withInputShape(last, [3, 2, 4]);
    const { data } = datasetTensors(first).x;
    expect(Array.from(data as Float32Array).slice(24, 32)).toEqual([24, 27, 30, 33, 36, 39, 42, 45]);
    const { x } = datasetTensors(first);
    expect(datasetTensors(withInputShape(tensorDataset(x, classes), [2, 4, 3])).x).toEqual(images(2, 4, 3));
  });

  it('refuses another size', () => {
    expect(() => withInputShape(tensorDataset(images(28, 28), classes), [3, 32, 32])).toThrow(
      'its examples are [28,28] (784 numbers), the model takes [3,32,32] (3072); give data of that size',
    );
  });
});

describe('withTargets', () => {
  const converted = (y: Tensor, to: ExampleType) => datasetTensors(withTargets(tensorDataset(images(1), y), to)).y;

  it('makes rows of classes and classes of rows', () => {
    expect(converted(classes, { dtype: 'float32', shape: [3] })).toEqual(rows);
    expect(converted(rows, { dtype: 'int64', shape: [] })).toEqual(classes);
    expect(converted(classes, { dtype: 'float32', shape: [1] }).data).toEqual(Float32Array.of(2, 0));
  });

  it.each<[string, Tensor, ExampleType, RegExp]>([
    [
      'a class too many',
      classes,
      { dtype: 'float32', shape: [2] },
      /target of example 0: is the class 2, the network has/,
    ],
    [
      'no one-hot row',
      images(3),
      { dtype: 'int64', shape: [] },
      /target of example 0: is \[0,1,2\], no row with a single one/,
    ],
    [
      'a row of another length',
      rows,
      { dtype: 'float32', shape: [4] },
      /targets are float32 \[3\], the loss takes float32 \[4\]/,
    ],
  ])('refuses %s', (_name, y, to, message) => {
    expect(() => converted(y, to)).toThrow(message);
  });
});
