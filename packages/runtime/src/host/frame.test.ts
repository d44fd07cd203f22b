import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packFrame, unpackFrame } from './frame.js';

/** Bytes at any offset of a larger buffer, so that views of every alignment occur. */
const misaligned = fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(9)).map(([bytes, offset]) => {
  const larger = new Uint8Array(bytes.length + offset);
  larger.set(bytes, offset);
  return larger.subarray(offset);
});

const typedArray = fc.oneof(
  misaligned,
  fc.int8Array(),
  fc.uint16Array(),
  fc.int16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
);

const key = fc.oneof(fc.string(), fc.constantFrom('$array', '$number', '$$array', '__proto__', 'toString'));

const { message } = fc.letrec((tie) => ({
  message: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme' }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    typedArray,
    fc.array(tie('message'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('message')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

describe('a message frame', () => {
  it('gives back any nested message, bit for bit', () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(unpackFrame(packFrame(sent))).toStrictEqual(sent);
      }),
    );
  });

  it('can be read at any alignment', () => {
    fc.assert(
      fc.property(message, fc.nat(15), (sent, offset) => {
        const frame = packFrame(sent);
        const larger = new Uint8Array(frame.length + offset);
        larger.set(frame, offset);
        expect(unpackFrame(larger.subarray(offset))).toStrictEqual(sent);
      }),
    );
  });

  it('keeps NaN payloads and negative zero inside arrays', () => {
    const bits = Uint32Array.of(0x7fc00001, 0xffc12345, 0x80000000);
    const back = unpackFrame(packFrame({ x: new Float32Array(bits.buffer) })) as { x: Float32Array };
    expect(new Uint32Array(back.x.buffer, back.x.byteOffset, 3)).toEqual(bits);
  });

  it('leaves out undefined properties', () => {
    expect(unpackFrame(packFrame({ a: undefined, b: 1 }))).toStrictEqual({ b: 1 });
  });

  it('carries a Buffer as bytes', () => {
    expect(unpackFrame(packFrame(Buffer.from('abc')))).toStrictEqual(Uint8Array.of(97, 98, 99));
  });

  it.each([0, 3, 10, 40])('refuses a frame cut to %i bytes', (length) => {
    const frame = packFrame({ a: new Float64Array(8), b: 'text' });
    expect(() => unpackFrame(frame.subarray(0, length))).toThrow('cut short');
  });

  it('refuses arrays that no tensor has', () => {
    expect(() => packFrame(new DataView(new ArrayBuffer(1)))).toThrow('cannot carry a DataView');
  });
});
