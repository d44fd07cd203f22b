/** Attributes of nodes as plain JavaScript values, and back. */
import type { Attribute, Node } from '../model/model.js';

/** An attribute's value as JavaScript has it: numbers (also of int attributes), text, lists of them. */
export type AttributeScalar = number | string | readonly number[] | readonly string[] | undefined;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The attribute's value with numbers as numbers and text as text; undefined where it is left out or is neither. */
export function scalarAttribute({ attributes }: Node, name: string): AttributeScalar {
  const attribute = attributes.find((candidate) => candidate.name === name);
  switch (attribute?.kind) {
    case 'float':
      return attribute.value;
    case 'int':
      return Number(attribute.value);
    case 'string':
      return decoder.decode(attribute.value);
    case 'floats':
      return attribute.value;
    case 'ints':
      return attribute.value.map(Number);
    case 'strings':
      return attribute.value.map((text) => decoder.decode(text));
    default:
      return undefined;
  }
}

export const float = (name: string, value: number): Attribute => ({ name, kind: 'float', value: Math.fround(value) });
export const int = (name: string, value: number): Attribute => ({ name, kind: 'int', value: BigInt(value) });
export const ints = (name: string, value: readonly number[]): Attribute => ({
  name,
  kind: 'ints',
  value: value.map(BigInt),
});
export const text = (name: string, value: string): Attribute => ({
  name,
  kind: 'string',
  value: encoder.encode(value),
});
