/** Metadata, opset imports and `extra`: the parts that several messages have in common. */
import type { OperatorSetIdProto, StringStringEntryProto } from '../../generated/onnx-proto.js';

/** Undefined for an empty text: the format leaves such fields out. */
export function textOrNothing(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** A list as a mutable copy, undefined where it is empty. */
export function listOrNothing<T>(list: readonly T[]): T[] | undefined {
  return list.length === 0 ? undefined : [...list];
}

export function metadataProto(metadata: Readonly<Record<string, string>>): StringStringEntryProto[] | undefined {
  return listOrNothing(Object.entries(metadata).map(([key, value]) => ({ key, value })));
}

export function opsetsProto(opsets: Readonly<Record<string, number>>): OperatorSetIdProto[] {
  return Object.entries(opsets).map(([domain, version]) => ({ domain, version }));
}

/** `extra` is encoded fields already; the writers append it as they append unknown fields. */
export function extraFields(extra: Uint8Array | undefined): Uint8Array[] | undefined {
  return extra && [extra];
}
