/**
 * Where the zeros of a value come from: back through nodes that move elements, or drop some, and through functions that keep 0
 * what is 0. A product is silent where one of its factors is.
 */
import type { Node } from '@rheobase/exporter';
import type { Scope } from './scope.js';

/** Operators whose output is zero where the input is, element by element or after choosing the largest of several. */
const MOVES: ReadonlySet<string> = new Set([
  ...['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Dropout', 'Cast'],
  ...['MaxPool', 'GlobalMaxPool', 'QuantizeLinear', 'DequantizeLinear'],
  ...['Abs', 'Neg', 'Sign', 'Sqrt', 'Tanh', 'Erf', 'Floor', 'Round', 'Pow', 'Div', 'Relu', 'LeakyRelu', 'PRelu'],
]);

/** The values that a value's zeros come from, the nearest first; the value itself not counted. */
export function sourceOfValue(value: string, scope: Scope): readonly string[] {
  const sources = new Set<string>();
  const waiting = [value];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for (const source of sourcesOf(scope.producer(next), scope)) {
      if (sources.has(source)) continue;
      sources.add(source);
      waiting.push(source);
    }
  }
  return [...sources];
}

function sourcesOf(node: Node | undefined, scope: Scope): readonly string[] {
  if (node === undefined || node.domain !== '') return [];
  if (node.opType === 'Mul') return node.inputs.filter((name) => scope.constant(name) === undefined);
  return MOVES.has(node.opType) ? node.inputs.slice(0, 1) : [];
}
