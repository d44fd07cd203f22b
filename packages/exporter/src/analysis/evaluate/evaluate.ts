/**
 * A small evaluator: nodes whose inputs are all known, computed here exactly as a runtime would. It has only operators
 * where that is certain: those that move elements, integer and IEEE-exact float arithmetic (+ − × ÷ √, one rounding
 * each), comparisons, casts. Anything that runtimes compute with library functions of their own (Exp, Pow, MatMul) is
 * left to them.
 */
import type { KnownValue } from '../../inference/index.js';
import type { Node } from '../../model/model.js';
import { bytesOf, type Tensor } from '../../tensor/index.js';
import { castTensor } from './cast.js';
import { elementwise } from './elementwise.js';
import { MOVEMENTS } from './movement.js';
import { SHAPES } from './shapes.js';

/** Inputs as elements; undefined where one is left out. */
export type Operands = readonly (Tensor | undefined)[];

/** Computes a node's only output, or answers undefined where it cannot do so exactly or within so many bytes. */
export type Evaluator = (node: Node, operands: Operands, maxBytes: number) => Tensor | undefined;

const EVALUATORS: ReadonlyMap<string, Evaluator> = new Map([
  ...Object.entries(elementwise),
  ...Object.entries(MOVEMENTS),
  ['Cast', castTensor],
]);

/**
 * The output of a node, where it follows from what is known of its inputs: their elements, or for Shape and Size their
 * type. Undefined where it does not, or would be larger than `maxBytes`.
 */
export function evaluate(
  node: Node,
  inputs: readonly (KnownValue | undefined)[],
  maxBytes = Number.POSITIVE_INFINITY,
): Tensor | undefined {
  if (node.domain !== '' || node.outputs.length !== 1) return undefined;
  const byType = SHAPES.get(node.opType);
  if (byType !== undefined) return byType(node, inputs);
  const evaluator = EVALUATORS.get(node.opType);
  if (evaluator === undefined) return undefined;
  const operands: (Tensor | undefined)[] = [];
  for (const input of inputs) {
    if (input !== undefined && input.constant === undefined) return undefined;
    operands.push(input?.constant);
  }
  const result = evaluator(node, operands, maxBytes);
  return result === undefined || sizeInBytes(result) > maxBytes ? undefined : result;
}

/** True where `evaluate` knows the operator. */
export function canEvaluate(opType: string): boolean {
  return EVALUATORS.has(opType) || SHAPES.has(opType);
}

function sizeInBytes(tensor: Tensor): number {
  return tensor.dtype === 'string' ? tensor.data.length * 8 : bytesOf(tensor).length;
}
