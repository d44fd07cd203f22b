/** Attributes of nodes as plain JavaScript values, and back. */
import type { Attribute, Graph, Node } from '../model/model.js';

/** An attribute's value as JavaScript has it: numbers (also of int attributes), text, lists of them. */
export type AttributeScalar = number | string | readonly number[] | readonly string[] | undefined;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The attribute's value with numbers as numbers and text as text; undefined where it is left out or is neither. */
export function scalarAttribute(node: Node, name: string): AttributeScalar {
  const attribute = attributeOf(node, name);
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

/** An int attribute, `byDefault` where it is left out. */
export function intAttribute(node: Node, name: string, byDefault: number): number {
  const attribute = attributeOf(node, name);
  return attribute?.kind === 'int' ? Number(attribute.value) : byDefault;
}

/** A float attribute, `byDefault` where it is left out. */
export function floatAttribute(node: Node, name: string, byDefault: number): number {
  const attribute = attributeOf(node, name);
  return attribute?.kind === 'float' ? attribute.value : byDefault;
}

/** Empty where the attribute is left out. */
export function intsAttribute(node: Node, name: string): readonly number[] {
  const attribute = attributeOf(node, name);
  return attribute?.kind === 'ints' ? attribute.value.map(Number) : [];
}

/** A body of If, Loop or Scan, undefined where it is missing. */
export function graphAttribute(node: Node, name: string): Graph | undefined {
  const attribute = attributeOf(node, name);
  return attribute?.kind === 'graph' ? attribute.value : undefined;
}

function attributeOf({ attributes }: Node, name: string): Attribute | undefined {
  return attributes.find((attribute) => attribute.name === name);
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
