/**
 * A message with typed arrays as one byte string, for transports that carry bytes or text only (HTTP, WebSocket):
 *
 *     uint32 length of the JSON · JSON, padded to 8 · the arrays' bytes, each padded to 8
 *
 * Arrays come back as views of the frame, not copies.
 */
import { badInput } from '@rheobase/exporter/errors';
import { align, attachArrays, detachArrays } from './arrays.js';

const LENGTH_BYTES = 4;

/** @throws RheobaseError `bad-input` for an array type that has no place in a tensor. */
export function packFrame(message: unknown): Uint8Array<ArrayBuffer> {
  const { json, blobs, byteLength } = detachArrays(message);
  const header = new TextEncoder().encode(json);
  const start = align(LENGTH_BYTES + header.length);
  const frame = new Uint8Array(start + byteLength);
  new DataView(frame.buffer).setUint32(0, header.length, true);
  frame.set(header, LENGTH_BYTES);
  for (const { offset, bytes } of blobs) frame.set(bytes, start + offset);
  return frame;
}

/** @throws RheobaseError `bad-input` where the bytes are not such a frame. */
export function unpackFrame(frame: Uint8Array): unknown {
  if (frame.byteOffset % 8 !== 0) return unpackFrame(new Uint8Array(frame));
  const cutShort = () => badInput('a message frame is cut short');
  if (frame.length < LENGTH_BYTES) throw cutShort();
  const headerLength = new DataView(frame.buffer, frame.byteOffset).getUint32(0, true);
  if (LENGTH_BYTES + headerLength > frame.length) throw cutShort();
  const json = new TextDecoder().decode(frame.subarray(LENGTH_BYTES, LENGTH_BYTES + headerLength));
  const start = align(LENGTH_BYTES + headerLength);
  return attachArrays(json, (offset, byteLength) => {
    const from = start + offset;
    if (from + byteLength > frame.length) throw cutShort();
    return frame.subarray(from, from + byteLength);
  });
}
