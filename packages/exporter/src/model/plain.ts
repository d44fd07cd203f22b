/** Parts of a model from what distinguishes them, for code that adds to a graph it was given. */
import type { Attribute, Node, ValueInfo, ValueType } from './model.js';

const BARE = { docString: '', metadata: {} };

/** A node of an operator of ai.onnx; its name is its first output's by default. */
export function plainNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  {
    name = outputs[0] ?? '',
    attributes = [],
  }: { readonly name?: string; readonly attributes?: readonly Attribute[] } = {},
): Node {
  return { ...BARE, name, opType, domain: '', overload: '', inputs, outputs, attributes };
}

/** What is told of a value: its type, by default nothing. */
export function valueInfo(name: string, type: ValueType = { kind: 'unknown' }): ValueInfo {
  return { ...BARE, name, type };
}
