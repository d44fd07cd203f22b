/**
 * Takes the typed arrays out of a message, so that what remains is JSON and the arrays travel as bytes, and puts them
 * back. In the JSON an array stands as `{"$array": [type, offset, length]}`, its offset counting in one stream of all
 * arrays, each padded to 8 bytes; NaN, the infinities and -0, which JSON lacks, as `{"$number": "NaN"}`. A message's
 * own keys that start with `$` get a second one, so that no name of an input can be taken for a mark.
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

export interface DetachedMessage {
  readonly json: string;
  /** Each array's bytes as a view, in order of their offsets. */
  readonly blobs: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  /** Length of the stream that the offsets count in, in bytes. */
  readonly byteLength: number;
}

/**
 * Plain data with typed arrays in it: objects, arrays, strings, numbers, booleans, null. A property that is undefined
 * is left out.
 * @throws RheobaseError `bad-input` for an array type that has no place in a tensor.
 */
export function detachArrays(message: unknown): DetachedMessage {
  const blobs: { offset: number; bytes: Uint8Array }[] = [];
  let end = 0;
  const detach = (value: unknown): unknown => {
    if (typeof value === 'number') {
      if (Object.is(value, -0)) return { $number: '-0' };
      return Number.isFinite(value) ? value : { $number: String(value) };
    }
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(detach);
    if (!ArrayBuffer.isView(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [escapeKey(key), detach(inner)]));
    }
    const name = arrayName(value);
    const array = value as TypedArray;
    const offset = end;
    blobs.push({ offset, bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength) });
    end = align(offset + array.byteLength);
    return { $array: [name, offset, array.length] };
  };
  const json = JSON.stringify(detach(message) ?? null);
  return { json, blobs, byteLength: end };
}

/**
 * The message again. `bytesAt` answers the bytes of one array; an array whose bytes are aligned is a view of them.
 */
export function attachArrays(json: string, bytesAt: (offset: number, byteLength: number) => Uint8Array): unknown {
  const attach = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(attach);
    if ('$number' in value) return Number(value.$number);
    if ('$array' in value) {
      const [name, offset, length] = value.$array as [ArrayName, number, number];
      const Constructor = ARRAYS[name];
      const bytes = bytesAt(offset, length * Constructor.BYTES_PER_ELEMENT);
      const aligned = bytes.byteOffset % Constructor.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
      return new Constructor(aligned.buffer as ArrayBuffer, aligned.byteOffset, length);
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [unescapeKey(key), attach(inner)]));
  };
  return attach(JSON.parse(json));
}

/** Rounds an offset up to where an array of any type may start. */
export function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

/** By class name rather than `instanceof`, so that arrays of another realm (a worker, a test sandbox) count. */
function arrayName(array: ArrayBufferView): ArrayName {
  const name = array.constructor.name === 'Buffer' ? 'Uint8Array' : array.constructor.name;
  if (!Object.hasOwn(ARRAYS, name)) throw badInput(`a message cannot carry a ${name}`);
  return name as ArrayName;
}

const escapeKey = (key: string): string => (key.startsWith('$') ? `$${key}` : key);
const unescapeKey = (key: string): string => (key.startsWith('$$') ? key.slice(1) : key);
