/** Where the zeros of a value come from: back through nodes that move elements, or drop some, and change none to another. */
import type { Scope } from './scope.js';

/** Operators whose output is zero where the input is, element by element or after choosing the largest of several. */
const MOVES: ReadonlySet<string> = new Set([
  ...['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Dropout', 'Cast'],
  ...['MaxPool', 'GlobalMaxPool', 'QuantizeLinear', 'DequantizeLinear'],
]);

/** The values that a value's zeros come from, the nearest first; the value itself not counted. */
export function sourceOfValue(value: string, scope: Scope): readonly string[] {
  const sources: string[] = [];
  let node = scope.producer(value);
  while (node !== undefined && node.domain === '' && MOVES.has(node.opType)) {
    const [source = ''] = node.inputs;
    sources.push(source);
    node = scope.producer(source);
  }
  return sources;
}
