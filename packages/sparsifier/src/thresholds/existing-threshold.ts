/**
 * Thresholds that a model has already, in the spellings in use: ThresholdedRelu, Shrink without bias, Where(x > θ, f, 0),
 * f · Cast(x > θ), and the functions that the exporter writes. What comes after such a node can be gated once more: of two
 * thresholds in a row the higher one decides.
 */
import type { Node } from '@rheobase/exporter';
import { floatAttribute } from '../lowerings/node-attributes.js';
import type { Scope } from '../lowerings/scope.js';
import { constantNumbers, isZero } from './constant-numbers.js';

export type Theta = number | readonly number[];

export interface ExistingThreshold {
  /** The values in front of it: what is compared, and what is let through. */
  readonly of: readonly string[];
  /** Null where θ is no constant. */
  readonly theta: Theta | null;
}

/** Operators that a threshold can end with; of those in the exporter's own domain, see `isThresholdFunction`. */
export const THRESHOLD_OPERATORS: readonly string[] = ['ThresholdedRelu', 'Shrink', 'Where', 'Mul'];

/** A call of a function that `thresholdActivation(…, { asFunction: true })` defines. */
export function isThresholdFunction({ domain, opType }: Node): boolean {
  return domain === 'rheobase' && opType.startsWith('Threshold');
}

/** The threshold that a node ends, undefined where it is none. */
export function readThreshold(node: Node, scope: Scope): ExistingThreshold | undefined {
  const [first = '', second = '', third = ''] = node.inputs;
  if (isThresholdFunction(node)) return { of: [first], theta: second === '' ? null : constantTheta(second, scope) };
  if (node.domain !== '') return undefined;
  switch (node.opType) {
    case 'ThresholdedRelu':
      return { of: [first], theta: floatAttribute(node, 'alpha', 1) };
    case 'Shrink':
      return floatAttribute(node, 'bias', 0) === 0
        ? { of: [first], theta: floatAttribute(node, 'lambd', 0.5) }
        : undefined;
    case 'Where':
      if (isZero(third, scope)) return masked(first, second, scope);
      return isZero(second, scope) ? masked(first, third, scope) : undefined;
    case 'Mul':
      return multiplied(first, second, scope) ?? multiplied(second, first, scope);
    default:
      return undefined;
  }
}

const COMPARISONS: ReadonlySet<string> = new Set(['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual']);

/** `f` where a comparison with a constant says so. */
function masked(mask: string, f: string, scope: Scope): ExistingThreshold | undefined {
  const node = scope.producer(mask);
  if (node === undefined || node.domain !== '') return undefined;
  const [left = '', right = ''] = node.inputs;
  if (node.opType === 'Not') return masked(left, f, scope);
  if (!COMPARISONS.has(node.opType)) return undefined;
  const [x, theta] = scope.constant(right) === undefined ? [right, left] : [left, right];
  const numbers = scope.constant(theta) === undefined ? null : constantTheta(theta, scope);
  return { of: numbers === null ? [left, right, f] : [x, f], theta: numbers };
}

function multiplied(f: string, factor: string, scope: Scope): ExistingThreshold | undefined {
  const cast = scope.producer(factor);
  return cast?.opType === 'Cast' && cast.domain === '' ? masked(cast.inputs[0] ?? '', f, scope) : undefined;
}

function constantTheta(name: string, scope: Scope): Theta | null {
  const numbers = constantNumbers(name, scope);
  if (numbers === undefined) return null;
  const [first] = numbers;
  return numbers.length === 1 && first !== undefined ? first : numbers;
}
