/**
 * Packed varints into a typed array: how ONNX's typed data fields hold every integer element type, and the narrow
 * floats as their bits. A negative number takes ten bytes, sign-extended to 64 bits; a typed array keeps just the
 * low bits of what is stored into it, which is the truncation wanted.
 */
import type { TypedArray } from '../tensor/index.js';

/** Fills `target`, whose length is the number of varints in `packed`. */
export function decodeVarints(packed: Uint8Array, target: TypedArray): void {
  if (target instanceof BigInt64Array || target instanceof BigUint64Array) decodeWide(packed, target);
  else decodeNarrow(packed, target);
}

function decodeNarrow(packed: Uint8Array, target: Exclude<TypedArray, BigInt64Array | BigUint64Array>): void {
  let position = 0;
  for (let index = 0; index < target.length; index += 1) {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = packed[position++];
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    target[index] = value;
  }
}

function decodeWide(packed: Uint8Array, target: BigInt64Array | BigUint64Array): void {
  const halves = new Int32Array(target.buffer, target.byteOffset, target.length * 2);
  let position = 0;
  for (let index = 0; index < halves.length; index += 2) {
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = packed[position++];
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else if (shift < 64) high |= bits << (shift - 32);
      if (byte < 0x80) break;
    }
    halves[index] = low;
    halves[index + 1] = high;
  }
}
