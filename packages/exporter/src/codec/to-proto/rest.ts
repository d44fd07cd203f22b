/** Metadata, opset imports and `extra`: the parts that several messages have in common. */
import type { OperatorSetIdProto, StringStringEntryProto } from '../../generated/onnx-proto.js';

/** Undefined for an empty text: the format leaves such fields out. */
export function textOrNothing(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** A list as a field of a message, which writers only read. */
export function listField<T>(list: readonly T[]): T[] {
  return list as T[];
}

export function metadataProto(metadata: Readonly<Record<string, string>>): StringStringEntryProto[] | undefined {
  const entries = Object.entries(metadata);
  return entries.length === 0 ? undefined : entries.map(([key, value]) => ({ key, value }));
}

export function opsetsProto(opsets: Readonly<Record<string, number>>): OperatorSetIdProto[] {
  return Object.entries(opsets).map(([domain, version]) => ({ domain, version }));
}

/** `extra` is encoded fields already; the writers append it as they append unknown fields. */
export function extraFields(extra: Uint8Array | undefined): Uint8Array[] | undefined {
  return extra && [extra];
}
