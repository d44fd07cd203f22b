import { describe, expect, it } from 'vitest';
import { tensorOf } from '../model/initializer.js';
import { decodeTensor } from './decode.js';

/** The typed fields of TensorProto as other writers encode them: wire bytes by hand, values by the specification. */
describe('typed data fields', () => {
  const varint = (value: bigint): number[] => {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, value);
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    return [...bytes, Number(rest)];
  };
  const packed = (field: number, bytes: number[]) => [field * 8 + 2, bytes.length, ...bytes];
  const tensorBytes = (dtype: number, dims: number[], ...fields: number[][]) =>
    Uint8Array.from([...dims.flatMap((dim) => [8, dim]), 16, dtype, ...fields.flat()]);

  it.each([
    ['int32', 6, 5, [0n, -1n, 2n ** 31n - 1n, -(2n ** 31n)], [0, -1, 2 ** 31 - 1, -(2 ** 31)]],
    ['int8', 3, 5, [127n, -128n, -1n], [127, -128, -1]],
    ['uint16', 4, 5, [65535n, 1n], [65535, 1]],
    ['float16', 10, 5, [0x3c00n, 0xfc00n], [0x3c00, 0xfc00]],
    ['bool', 9, 5, [1n, 0n], [1, 0]],
    ['int64', 7, 7, [2n ** 63n - 1n, -(2n ** 63n), -1n, 5n], [2n ** 63n - 1n, -(2n ** 63n), -1n, 5n]],
    ['uint64', 13, 11, [2n ** 64n - 1n, 0n], [2n ** 64n - 1n, 0n]],
    ['uint32', 12, 11, [2n ** 32n - 1n, 7n], [2 ** 32 - 1, 7]],
  ])('%s', (dtype, number, field, values, expected) => {
    const { data, dtype: read } = tensorOf(
      decodeTensor(tensorBytes(number, [values.length], packed(field, values.flatMap(varint)))),
    );
    expect(read).toBe(dtype);
    expect(Array.from(data as ArrayLike<number | bigint>)).toEqual(expected);
  });

  it('int4: two elements in a byte', () => {
    const { data } = tensorOf(decodeTensor(tensorBytes(22, [3], packed(5, [0x21, 0x03]))));
    expect(Array.from(data as Uint8Array)).toEqual([0x21, 0x03]);
  });

  it('floats, packed, unpacked and in several pieces', () => {
    const one = Array.from(new Uint8Array(Float32Array.of(1).buffer));
    const two = Array.from(new Uint8Array(Float32Array.of(2).buffer));
    const bytes = tensorBytes(1, [4], packed(4, one), [4 * 8 + 5, ...two], packed(4, [...one, ...two]));
    expect(tensorOf(decodeTensor(bytes)).data).toEqual(Float32Array.of(1, 2, 1, 2));
  });
});
