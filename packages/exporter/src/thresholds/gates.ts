/**
 * Gates: nodes whose output is zero where a neuron is silent. ThresholdedRelu and Shrink compare by themselves; a Where
 * with zeros in a branch and a product with a mask go by what others compare; a call of a function is what the node
 * that gives its output is.
 */
import { floatAttribute } from '../analysis/node-attributes.js';
import type { Node } from '../model/model.js';
import { HANDS_ON, isZero, knownNumbers } from './known-numbers.js';
import { type Mask, readMask } from './masks.js';
import type { Surroundings } from './surroundings.js';
import type { ThresholdGate } from './threshold.js';

/** Operators that a gate of the main graph can end with; calls of functions can be gates besides. */
export const GATE_OPERATORS: readonly string[] = [
  ...['Relu', 'Clip', 'Max', 'ThresholdedRelu', 'Shrink', 'Where', 'Mul'],
];

export interface Gated extends Mask, Pick<ThresholdGate, 'kind' | 'output' | 'compares' | 'passes'> {}

/** The gates that a node is in its surroundings: one at the most, or one for each output of a function's call. */
export function readGates(node: Node, at: Surroundings): readonly Gated[] {
  const called = at.call(node);
  return node.outputs.flatMap((output) => {
    const origin = at.origin(output);
    if (origin?.kind !== 'node') return [];
    // What a call hands through is the gate of whoever made it.
    const isOwn = called === undefined ? origin.node === node : origin.at.isInside(called);
    const gate = isOwn ? gateOf(origin.node, origin.at) : undefined;
    // max(θ, 0) of a constant θ silences nobody.
    return gate === undefined || knownNumbers(output, at) !== undefined ? [] : [seenFrom(at, output, gate, origin.at)];
  });
}

type Passing = Omit<Gated, 'output' | 'compares' | 'passes'> & { readonly passes: string };

function seenFrom(at: Surroundings, output: string, gate: Passing, inner: Surroundings): Gated {
  const compared = gate.comparisons.flatMap(({ node, at: there }) =>
    node.inputs.slice(0, 2).flatMap((name) => valuesBehind(name, there, at)),
  );
  return { ...gate, output, compares: [...new Set(compared)], passes: valuesBehind(gate.passes, inner, at) };
}

function gateOf(node: Node, at: Surroundings): Passing | undefined {
  if (node.domain !== '') return undefined;
  const [first = '', second = '', third = ''] = node.inputs;
  const alone = (theta: number, fires: Mask['fires']): Passing => {
    return { kind: 'threshold', comparisons: [{ node, at }], theta, fires, passes: first };
  };
  const relu = (passes: string): Passing => ({ kind: 'relu', comparisons: [], theta: null, fires: null, passes });
  const masked = (mask: Mask | undefined, passes: string): Passing | undefined => {
    return mask && { kind: 'threshold', ...mask, passes };
  };
  switch (node.opType) {
    case 'Relu':
      return relu(first);
    case 'Clip':
      // Until opset 11 the bounds were attributes.
      return floatAttribute(node, 'min', Number.NaN) === 0 || isZero(second, at) ? relu(first) : undefined;
    case 'Max': {
      const [x, ...others] = node.inputs.filter((name) => !isZero(name, at));
      return node.inputs.length === 2 && x !== undefined && others.length === 0 ? relu(x) : undefined;
    }
    case 'ThresholdedRelu':
      return alone(thetaAttribute(node), 'above');
    case 'Shrink':
      return floatAttribute(node, 'bias', 0) === 0 ? alone(thetaAttribute(node), 'magnitude') : undefined;
    case 'Where':
      if (isZero(third, at)) return masked(readMask(first, true, at), second);
      return isZero(second, at) ? masked(readMask(first, false, at), third) : undefined;
    case 'Mul':
      return masked(readMask(second, true, at), first) ?? masked(readMask(first, true, at), second);
    default:
      return undefined;
  }
}

/** θ of an operator that has it as an attribute, ONNX's default where it is left out. */
export function thetaAttribute(node: Node): number {
  return node.opType === 'Shrink' ? floatAttribute(node, 'lambd', 0.5) : floatAttribute(node, 'alpha', 1);
}

/** Names, in the gate's surroundings, of a value and of those it is made of one by one (|x|, x in another form). */
function valuesBehind(name: string, there: Surroundings, at: Surroundings): string[] {
  if (knownNumbers(name, there) !== undefined) return [];
  const found: string[] = [];
  let [current, place]: [string, Surroundings] = [name, there];
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    const outside = place.nameSeenFrom(at, current);
    if (outside !== undefined) found.push(outside);
    const origin = place.origin(current);
    if (origin?.kind !== 'node') return found;
    const { node } = origin;
    if (node.domain !== '' || (node.opType !== 'Abs' && !HANDS_ON.has(node.opType))) return found;
    [current, place] = [node.inputs[0] ?? '', origin.at];
  }
  return found;
}

const MOST_STEPS = 16;
