/**
 * What the representation has no name for is not lost: the fields that remain after reading a message are encoded
 * again and travel with it as `extra`, to be appended when the message is written.
 */
import protobuf from 'protobufjs/minimal.js';
import type { StringStringEntryProto } from '../../generated/onnx-proto.js';

/** `object` with the encoded rest as its `extra`, or as it is where every field of the rest is absent. */
export function withExtra<T extends object, M extends object>(
  object: T,
  write: (writer: protobuf.Writer, message: M) => protobuf.Writer,
  rest: M,
): T & { extra?: Uint8Array } {
  // A loop rather than Object.values: this runs for every node and attribute of a model.
  for (const key in rest) {
    if (rest[key] !== undefined) return { ...object, extra: write(new protobuf.Writer(), rest).finish() };
  }
  return object;
}

const NOTHING: Readonly<Record<string, string>> = Object.freeze({});

export interface Metadata {
  readonly metadata: Readonly<Record<string, string>>;
  /** Entries that a record cannot hold: repeated keys, and entries with fields of a later version. */
  readonly rest: StringStringEntryProto[] | undefined;
}

export function readMetadata(entries: readonly StringStringEntryProto[] | undefined): Metadata {
  if (entries === undefined) return { metadata: NOTHING, rest: undefined };
  const plain = new Map<string, string>();
  const rest: StringStringEntryProto[] = [];
  for (const entry of entries) {
    const { key = '', value = '', unknown } = entry;
    if (unknown === undefined && !plain.has(key)) plain.set(key, value);
    else rest.push(entry);
  }
  return { metadata: Object.fromEntries(plain), rest: rest.length === 0 ? undefined : rest };
}
