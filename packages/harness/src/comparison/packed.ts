/** Elements narrower than a byte, as ONNX stores them: several to a byte, the first in the low bits. */
import { sizeOf } from '@rheobase/exporter/tensor';

/** One element per entry, its bits as an unsigned number. */
export function unpack(packed: Uint8Array, bitsPerElement: number, shape: readonly number[]): Uint8Array {
  const perByte = 8 / bitsPerElement;
  const mask = (1 << bitsPerElement) - 1;
  const unpacked = new Uint8Array(sizeOf(shape));
  for (let i = 0; i < unpacked.length; i += 1) {
    unpacked[i] = (packed[Math.floor(i / perByte)] >> ((i % perByte) * bitsPerElement)) & mask;
  }
  return unpacked;
}
