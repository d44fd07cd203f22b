import { type DType, dtypeBits, storageOf, type Tensor, tensor } from '@rheobase/exporter/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNpy, encodeNpy } from './npy.js';

/** A .npy file put together by hand, as NumPy 2.4 writes it. */
function npy(dictionary: string, body: Uint8Array, version = 1): Uint8Array {
  const start = version === 1 ? 10 : 12;
  const text = new TextEncoder().encode(`${dictionary.padEnd(127 - start)}\n`);
  const length = version === 1 ? [text.length, 0] : [text.length, 0, 0, 0];
  return Uint8Array.from([0x93, ...new TextEncoder().encode('NUMPY'), version, 0, ...length, ...text, ...body]);
}

const header = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
const bytes = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const letters = (text: string) => bytes(Uint32Array.from(Array.from(text, (letter) => letter.codePointAt(0) ?? 0)));

const READ: readonly [name: string, file: Uint8Array, expected: Tensor][] = [
  [
    'floats in C order',
    npy(header('<f4', '(2, 3)'), bytes(Float32Array.of(0, 1, 2, 3, 4, 5))),
    tensor('float32', [2, 3], Float32Array.of(0, 1, 2, 3, 4, 5)),
  ],
  [
    'version 2',
    npy(header('<f8', '(2,)'), bytes(Float64Array.of(0, 1)), 2),
    tensor('float64', [2], Float64Array.of(0, 1)),
  ],
  [
    'version 3',
    npy(header('<i8', '(2,)'), bytes(BigInt64Array.of(0n, -1n)), 3),
    tensor('int64', [2], BigInt64Array.of(0n, -1n)),
  ],
  [
    'Fortran order',
    npy(header('<i2', '(2, 3)', 'True'), bytes(Int16Array.of(0, 3, 1, 4, 2, 5))),
    tensor('int16', [2, 3], Int16Array.of(0, 1, 2, 3, 4, 5)),
  ],
  [
    'Fortran order in three dimensions',
    npy(header('|u1', '(2, 2, 3)', 'True'), Uint8Array.of(0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11)),
    tensor(
      'uint8',
      [2, 2, 3],
      Uint8Array.from({ length: 12 }, (_, index) => index),
    ),
  ],
  [
    'big endian',
    npy(header('>f4', '(1,)'), Uint8Array.of(0x40, 0x20, 0, 0)),
    tensor('float32', [1], Float32Array.of(2.5)),
  ],
  [
    'big-endian complex numbers',
    npy(header('>c8', '(1,)'), Uint8Array.of(0x3f, 0x80, 0, 0, 0x40, 0, 0, 0)),
    tensor('complex64', [1], Float32Array.of(1, 2)),
  ],
  ['booleans', npy(header('|b1', '(2,)'), Uint8Array.of(1, 0)), tensor('bool', [2], Uint8Array.of(1, 0))],
  ['half floats', npy(header('<f2', '(1,)'), Uint8Array.of(0, 0x3c)), tensor('float16', [1], Uint16Array.of(0x3c00))],
  ['a scalar', npy(header('<u8', '()'), bytes(BigUint64Array.of(3n))), tensor('uint64', [], BigUint64Array.of(3n))],
  ['nothing at all', npy(header('<f4', '(0, 3)'), new Uint8Array()), tensor('float32', [0, 3], new Float32Array())],
  [
    "Python 2's long shape",
    npy(header('|i1', '(2L,)'), Uint8Array.of(1, 255)),
    tensor('int8', [2], Int8Array.of(1, -1)),
  ],
  ['strings', npy(header('<U3', '(2,)'), letters('né😀a\0\0')), tensor('string', [2], ['né😀', 'a'])],
  [
    'strings in Fortran order',
    npy(header('<U1', '(2, 2)', 'True'), letters('acbd')),
    tensor('string', [2, 2], ['a', 'b', 'c', 'd']),
  ],
  [
    'big-endian strings',
    npy(header('>U2', '(1,)'), Uint8Array.of(0, 0, 0, 0x61, 0, 0, 0, 0)),
    tensor('string', [1], ['a']),
  ],
  ['byte strings', npy(header('|S2', '(2,)'), Uint8Array.of(0x61, 0x62, 0x63, 0)), tensor('string', [2], ['ab', 'c'])],
];

const REFUSED: readonly [name: string, file: Uint8Array, text: string][] = [
  ['another kind of file', new TextEncoder().encode('x,y\n1,2\n3,4\n'), 'is no .npy file'],
  ['an empty file', new Uint8Array(), 'is no .npy file'],
  [
    'a file cut in its header',
    npy(header('<f4', '(2,)'), new Uint8Array()).subarray(0, 60),
    'cut short inside its header',
  ],
  [
    'a file cut in its body',
    npy(header('<f4', '(2,)'), new Uint8Array(7)),
    'float32 [2] takes 8 bytes, and there are 7',
  ],
  ['bytes left over', npy(header('<f4', '(2,)'), new Uint8Array(9)), 'has 1 bytes after its float32 [2]'],
  ['a version to come', npy(header('<f4', '(2,)'), new Uint8Array(8), 4), '.npy version 4'],
  ['a damaged header', npy("{'descr': '<f4'}", new Uint8Array(8)), 'damaged header'],
  ['a huge shape', npy(header('<f4', '(99999999, 99999999)'), new Uint8Array(8)), 'has the shape (99999999, 99999999)'],
  ['a negative extent', npy(header('<f4', '(-1,)'), new Uint8Array(8)), 'has the shape (-1,)'],
  ['many strings of no length', npy(header('<U0', '(9999999999,)'), new Uint8Array()), 'strings without a letter'],
  ['Python objects', npy(header('|O', '(1,)'), new Uint8Array(8)), 'NumPy\'s type "|O"'],
  ['dates', npy(header('<M8[D]', '(1,)'), new Uint8Array(8)), 'NumPy\'s type "<M8[D]"'],
  ['records', npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", new Uint8Array(4)), 'records'],
];

describe('a .npy file', () => {
  it.each(READ)('is read: %s', (_name, file, expected) => {
    expect(decodeNpy(file)).toEqual(expected);
  });

  it.each(READ)('is written and read again: %s', (_name, _file, expected) => {
    expect(decodeNpy(encodeNpy(expected))).toEqual(expected);
  });

  it.each(REFUSED)('is refused: %s', (_name, file, text) => {
    expect(() => decodeNpy(file)).toThrow(text);
  });

  it("is written byte for byte as NumPy writes it, its elements at NumPy's place", () => {
    const file = encodeNpy(tensor('float32', [2, 3], Float32Array.of(0, 1, 2, 3, 4, 5)));
    expect(file).toEqual(npy(header('<f4', '(2, 3)'), bytes(Float32Array.of(0, 1, 2, 3, 4, 5))));
  });

  it('cannot hold what NumPy lacks, and says what can', () => {
    expect(() => encodeNpy(tensor('bfloat16', [1], Uint16Array.of(1)))).toThrow(
      'NumPy has no bfloat16; write an ONNX tensor',
    );
  });

  it('keeps any numbers, bit for bit', () => {
    const dtypes = ['bool', 'int8', 'uint16', 'float16', 'float32', 'float64', 'uint64', 'complex128'] as const;
    const shape = fc.array(fc.nat(4), { maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...dtypes), shape, fc.infiniteStream(fc.nat(255)), (dtype, extents, random) => {
        const given = randomTensor(dtype, extents, random);
        expect(decodeNpy(encodeNpy(given))).toStrictEqual(given);
      }),
    );
  });
});

function randomTensor(dtype: Exclude<DType, 'string'>, shape: number[], random: Iterator<number>): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const raw = Uint8Array.from({ length: (size * dtypeBits(dtype)) / 8 }, () => random.next().value ?? 0);
  const Storage = storageOf(dtype);
  return { dtype, shape, data: new Storage(raw.buffer) } as Tensor;
}
