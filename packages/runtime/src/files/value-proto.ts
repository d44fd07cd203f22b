/**
 * Values that are no tensor in ONNX's own files: SequenceProto and OptionalProto (onnx-data.proto), which hold tensors,
 * sequences or optionals. Such a file does not tell what it is; the type of the input or output it belongs to does.
 */
import type { ValueType } from '@rheobase/exporter';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import { decodeTensorProto } from './tensor-proto.js';

export type OnnxValue =
  | { readonly kind: 'tensor'; readonly tensor: Tensor }
  | { readonly kind: 'sequence'; readonly elements: readonly OnnxValue[] }
  /** Null for an optional without an element. */
  | { readonly kind: 'optional'; readonly element: OnnxValue | null };

/**
 * A value of a type. Elements of the types that a sequence or an optional may hold are told by the field they are in.
 * @throws RheobaseError `bad-input` where the bytes are no such value, `unsupported` for maps and sparse tensors.
 */
export function decodeValueProto(bytes: Uint8Array, type: ValueType): OnnxValue {
  switch (type.kind) {
    case 'tensor':
      return { kind: 'tensor', tensor: decodeTensorProto(bytes) };
    case 'sequence':
      return { kind: 'sequence', elements: elementsOf(bytes, type.element) };
    case 'optional':
      return { kind: 'optional', element: elementsOf(bytes, type.element).at(-1) ?? null };
    default:
      throw new RheobaseError('unsupported', `there is no way to a value of kind ${type.kind}`);
  }
}

/** Numbers of the fields that hold elements, alike in SequenceProto and OptionalProto. */
const FIELD_OF: Readonly<Partial<Record<ValueType['kind'], number>>> = { tensor: 3, sequence: 5, optional: 7 };

function elementsOf(bytes: Uint8Array, type: ValueType): OnnxValue[] {
  const wanted = FIELD_OF[type.kind];
  if (wanted === undefined) throw new RheobaseError('unsupported', `there is no way to a value of kind ${type.kind}`);
  return [...lengthDelimited(bytes)].flatMap(({ field, content }) => {
    if (field === wanted) return [decodeValueProto(content, type)];
    if (field > 2) throw badInput(`it holds another kind of value than ${type.kind}`);
    return [];
  });
}

/** The fields with content of their own (wire type 2); numbers, which name types, are passed over. */
function* lengthDelimited(bytes: Uint8Array): Iterable<{ readonly field: number; readonly content: Uint8Array }> {
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; position < bytes.length; scale *= 128) {
      const byte = bytes[position];
      position += 1;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw badInput('it is cut short');
  };
  while (position < bytes.length) {
    const tag = varint();
    const wireType = tag % 8;
    if (wireType !== 0 && wireType !== 2) throw badInput('it is no sequence or optional');
    const number = varint();
    if (wireType === 0) continue;
    if (position + number > bytes.length) throw badInput('it is cut short');
    yield { field: Math.floor(tag / 8), content: bytes.subarray(position, position + number) };
    position += number;
  }
}
