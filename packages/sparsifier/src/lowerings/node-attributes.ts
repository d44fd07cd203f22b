/** Attributes of a node as plain numbers. */
import type { Node } from '@rheobase/exporter';

export function intAttribute({ attributes }: Node, name: string, byDefault: number): number {
  const attribute = attributes.find((candidate) => candidate.name === name);
  return attribute?.kind === 'int' ? Number(attribute.value) : byDefault;
}

export function floatAttribute({ attributes }: Node, name: string, byDefault: number): number {
  const attribute = attributes.find((candidate) => candidate.name === name);
  return attribute?.kind === 'float' ? attribute.value : byDefault;
}

/** Empty where the attribute is left out. */
export function intsAttribute({ attributes }: Node, name: string): readonly number[] {
  const attribute = attributes.find((candidate) => candidate.name === name);
  return attribute?.kind === 'ints' ? attribute.value.map(Number) : [];
}
