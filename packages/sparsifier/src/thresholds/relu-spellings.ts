/** Relu by another name: Clip from 0 up (Relu6 with an upper bound), and the larger of a value and 0. */
import type { Node } from '@rheobase/exporter';
import { floatAttribute } from '../lowerings/node-attributes.js';
import type { Scope } from '../lowerings/scope.js';
import { isZero } from './constant-numbers.js';

export const RELU_SPELLINGS: readonly string[] = ['Clip', 'Max'];

export function isReluSpelling(node: Node, scope: Scope): boolean {
  const { opType, domain, inputs } = node;
  if (domain !== '') return false;
  // The bounds of Clip became inputs at opset 11.
  if (opType === 'Clip' && scope.opset < 11) return floatAttribute(node, 'min', Number.NEGATIVE_INFINITY) === 0;
  if (opType === 'Clip') return isZero(inputs[1] ?? '', scope);
  return opType === 'Max' && inputs.length === 2 && inputs.some((name) => isZero(name, scope));
}
