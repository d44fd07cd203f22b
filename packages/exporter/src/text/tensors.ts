/**
 * Tensors in ONNX's textual syntax: type, name, elements in braces, or where external data lie. Many elements are not
 * shown; the empty braces that stand for them are still read as a tensor by a parser of the syntax.
 *
 * As in the syntax, 16-bit and narrower floats are shown as their bits, complex numbers as pairs.
 */
import type { Initializer, InitializerContent } from '../model/model.js';
import { dtypeBits, dtypeKind, sizeOf, type Tensor, type TypedArray } from '../tensor/index.js';
import { indent } from './layout.js';
import { name, quoted } from './names.js';
import { doubleText, floatText } from './numbers.js';
import { tensorType } from './types.js';

export interface TensorText {
  /** `float[2] w = {1.0, 2.0}` */
  readonly text: string;
  /** What the text leaves out. */
  readonly omitted?: string;
}

/** @param maxElements tensors with more are shown without their elements. */
export function initializerText(tensor: Initializer, maxElements: number): TensorText {
  const head = `${tensorType(tensor)} ${name(tensor.name)} = `;
  const { text, omitted } = contentText(tensor, maxElements);
  return omitted === undefined ? { text: head + text } : { text: head + text, omitted };
}

/** A tensor as the value of an attribute; what is left out is said in a comment inside the braces. */
export function attributeTensorText(tensor: Initializer, maxElements: number, depth: number): string {
  const head = `${tensorType(tensor)} ${tensor.name === '' ? '' : `${name(tensor.name)} = `}`;
  const { text, omitted } = contentText(tensor, maxElements);
  return head + (omitted === undefined ? text : `{ # ${omitted}\n${indent(depth)}}`);
}

function contentText({ content, shape, dtype }: Initializer, maxElements: number): TensorText {
  if (content.kind === 'external') return { text: externalText(content) };
  const size = sizeOf(shape);
  if (content.kind === 'stream') return { text: '{}', omitted: `${size} elements, streamed` };
  if (size > maxElements) return { text: '{}', omitted: `${size} elements not shown` };
  const elements = dtype === 'string' ? stringTexts(content) : numberTexts(content.data());
  return { text: `{${elements.join(', ')}}` };
}

function externalText({
  location,
  offset,
  length,
  checksum,
}: Extract<InitializerContent, { kind: 'external' }>): string {
  const entries = Object.entries({ location, offset, length, checksum }).filter(([, value]) => value != null);
  return `[${entries.map(([key, value]) => `${quoted(key)}: ${quoted(String(value))}`).join(', ')}]`;
}

/** Bytes that are not UTF-8 become U+FFFD: text cannot show them. */
function stringTexts({ encoded, data }: Extract<InitializerContent, { kind: 'inline' }>): string[] {
  const decoder = new TextDecoder();
  const strings = Array.isArray(encoded)
    ? encoded.map((bytes: Uint8Array) => decoder.decode(bytes))
    : (data().data as readonly string[]);
  return strings.map(quoted);
}

function numberTexts({ dtype, shape, data }: Tensor): string[] {
  const numbers = data as TypedArray;
  if (dtypeBits(dtype) < 8) return narrowNumbers(numbers, sizeOf(shape), dtypeBits(dtype), dtypeKind(dtype) === 'int');
  if (dtype === 'float32' || dtype === 'complex64') return Array.from(numbers as Float32Array, floatText);
  if (dtype === 'float64' || dtype === 'complex128') return Array.from(numbers as Float64Array, doubleText);
  return Array.from(numbers as ArrayLike<number | bigint>, String);
}

/** Elements narrower than a byte lie packed, low bits first. */
function narrowNumbers(packed: TypedArray, size: number, bits: number, signed: boolean): string[] {
  const perByte = 8 / bits;
  return Array.from({ length: size }, (_, index) => {
    const byte = Number(packed[Math.floor(index / perByte)]);
    const value = (byte >> ((index % perByte) * bits)) & (2 ** bits - 1);
    return String(signed && value >= 2 ** (bits - 1) ? value - 2 ** bits : value);
  });
}
