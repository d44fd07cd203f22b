/**
 * A message with typed arrays as one byte string, for transports that carry bytes or text only (HTTP, WebSocket):
 *
 *     uint32 header length · JSON header, padded to 8 · the arrays' bytes, each padded to 8
 *
 * In the header an array stands as `{"$array": [type, offset, length]}`; NaN and the infinities, which JSON lacks,
 * as `{"$number": "NaN"}`. Arrays come back as views of the frame, not copies.
 */
import { badInput } from '@rheobase/exporter/errors';
import type { TypedArray } from '@rheobase/exporter/tensor';

const ARRAYS = {
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
} as const;
type ArrayName = keyof typeof ARRAYS;

const ALIGNMENT = 8;

export function packFrame(message: unknown): Uint8Array<ArrayBuffer> {
  const blobs: { offset: number; bytes: Uint8Array }[] = [];
  let end = 0;
  const header = JSON.stringify(message, (_key, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
    const name = arrayName(value);
    if (name === undefined) return value;
    const array = value as TypedArray;
    const offset = end;
    blobs.push({ offset, bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength) });
    end = align(offset + array.byteLength);
    return { $array: [name, offset, array.length] };
  });
  const headerBytes = new TextEncoder().encode(header);
  const start = align(4 + headerBytes.length);
  const frame = new Uint8Array(start + end);
  new DataView(frame.buffer).setUint32(0, headerBytes.length, true);
  frame.set(headerBytes, 4);
  for (const { offset, bytes } of blobs) frame.set(bytes, start + offset);
  return frame;
}

/** @throws RheobaseError `bad-input` where the bytes are not such a frame. */
export function unpackFrame(frame: Uint8Array): unknown {
  if (frame.byteOffset % ALIGNMENT !== 0) return unpackFrame(frame.slice());
  if (frame.length < 4) throw badInput('a message frame is cut short');
  const headerLength = new DataView(frame.buffer, frame.byteOffset).getUint32(0, true);
  if (4 + headerLength > frame.length) throw badInput('a message frame is cut short');
  const header = new TextDecoder().decode(frame.subarray(4, 4 + headerLength));
  const start = align(4 + headerLength);
  return JSON.parse(header, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('$number' in value) return Number(value.$number);
    if (!('$array' in value)) return value;
    const [name, offset, length] = value.$array as [ArrayName, number, number];
    const Constructor = ARRAYS[name];
    if (start + offset + length * Constructor.BYTES_PER_ELEMENT > frame.length) {
      throw badInput('a message frame is cut short');
    }
    return new Constructor(frame.buffer as ArrayBuffer, frame.byteOffset + start + offset, length);
  });
}

/** By class name rather than `instanceof`, so that arrays of another realm (a worker, a test sandbox) count. */
function arrayName(value: unknown): ArrayName | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  const name = value.constructor.name === 'Buffer' ? 'Uint8Array' : value.constructor.name;
  if (!Object.hasOwn(ARRAYS, name)) throw badInput(`a message cannot carry a ${name}`);
  return name as ArrayName;
}

function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}
