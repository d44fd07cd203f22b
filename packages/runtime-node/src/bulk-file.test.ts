import { closeSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { allocateFresh, openBulkFile, pack, reusedMemory, unpack } from './bulk-file.js';

const fd = openBulkFile();
afterAll(() => closeSync(fd));

describe('messages through the bulk file', () => {
  it('come back as they were, small and large, whatever was there before', () => {
    const length = fc.oneof(fc.nat(100), fc.integer({ min: 15_000, max: 60_000 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(length, fc.integer()), { maxLength: 5 }), (arrays) => {
        const message = arrays.map(([size, value]) => ({
          x: new Int32Array(size).fill(value),
          y: Uint8Array.of(size),
        }));
        const received = unpack(pack(message, fd), fd, allocateFresh) as typeof message;
        expect(received).toHaveLength(message.length);
        for (const [index, { x, y }] of message.entries()) {
          // Element by element the matcher would take minutes.
          expect(Buffer.compare(elementBytes(received[index]?.x), elementBytes(x))).toBe(0);
          expect(received[index]?.y).toStrictEqual(y);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('leave large arrays out of the envelope', () => {
    expect(pack({ x: new Float32Array(100_000) }, fd).bytes).toBeUndefined();
    expect(pack({ x: new Float32Array(10) }, fd).bytes).toBeInstanceOf(Uint8Array);
  });

  it('may use the same memory again', () => {
    const memory = reusedMemory();
    const receive = (value: number) => {
      const envelope = pack({ x: new Float64Array(50_000).fill(value) }, fd);
      return (unpack(envelope, fd, memory(envelope)) as { x: Float64Array }).x;
    };
    const first = receive(1);
    const second = receive(2);
    expect(second.buffer).toBe(first.buffer);
    expect(second[49_999]).toBe(2);
  });
});

function elementBytes(array = new Int32Array(0)): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
