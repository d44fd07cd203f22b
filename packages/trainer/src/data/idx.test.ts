import { describe, expect, it } from 'vitest';
import { readIdx } from './idx.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('readIdx', () => {
  it('reads shape and elements', () => {
    const image = readIdx(bytes(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6), 'two.idx');
    expect(image).toMatchObject({ dtype: 'uint8', shape: [2, 3] });
    expect([...(image.data as Uint8Array)]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('turns big-endian elements around', () => {
    const numbers = readIdx(bytes(0, 0, 0x0c, 1, 0, 0, 0, 2, 0, 0, 1, 0, 255, 255, 255, 254), 'ints.idx');
    expect([...(numbers.data as Int32Array)]).toEqual([256, -2]);
  });

  it.each([
    ['a gzip file', bytes(0x1f, 0x8b, 8, 0), /a\.idx: is not an IDX file/],
    ['an unknown element type', bytes(0, 0, 7, 1, 0, 0, 0, 0), /unknown element type 0x7/],
    ['a header cut short', bytes(0, 0, 8, 2, 0, 0), /cut short in its header at byte 6/],
    [
      'elements cut short',
      bytes(0, 0, 8, 1, 0, 0, 0, 3, 1, 2),
      /holds 10 bytes, its header \[3\] of uint8 asks for 11/,
    ],
    ['an inflated extent', bytes(0, 0, 8, 1, 255, 255, 255, 255, 1), /asks for 4294967303/],
  ])('refuses %s', (_name, content, message) => {
    expect(() => readIdx(content, 'a.idx')).toThrow(message);
  });
});
