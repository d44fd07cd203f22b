/**
 * Masks: values that say which neurons fire, as booleans or as the numbers 0 and 1. A mask is a comparison, or is made
 * of masks by And, Or, Not and their arithmetic (m · n, 1 − m, m = 0, Where(m, 1, 0)), in whatever form it is handed on.
 */
import type { Node } from '../model/model.js';
import { isFloat } from '../tensor/index.js';
import { HANDS_ON, isZero, knownNumbers } from './known-numbers.js';
import type { Surroundings } from './surroundings.js';
import type { Comparator, Theta, ThresholdGate } from './threshold.js';

/** A comparison in its surroundings, by which it is known: a function's body is one for each call. */
export interface Compared {
  readonly node: Node;
  readonly at: Surroundings;
}

export interface Mask extends Pick<ThresholdGate, 'theta' | 'fires'> {
  readonly comparisons: readonly Compared[];
}

export const COMPARATORS: Readonly<Record<string, Comparator>> = {
  Greater: '>',
  GreaterOrEqual: '>=',
  Less: '<',
  LessOrEqual: '<=',
};

/** Masks are combined by a few nodes; deeper than this it is no mask, or a graph in a circle. */
const MOST_STEPS = 16;

/**
 * The mask that a value is, undefined where it is none.
 * @param fires what it says, true or false, where a neuron fires.
 */
export function readMask(name: string, fires: boolean, at: Surroundings, steps = MOST_STEPS): Mask | undefined {
  const origin = at.origin(name);
  if (origin?.kind !== 'node' || origin.node.domain !== '' || steps === 0) return undefined;
  const { node, at: inner } = origin;
  const { opType, inputs } = node;
  const [first = '', second = '', third = ''] = inputs;
  const part = (own: string, says = fires): Mask | undefined => readMask(own, says, inner, steps - 1);
  if (opType in COMPARATORS) return comparisonMask(node, fires, inner);
  if (HANDS_ON.has(opType)) return part(first);
  switch (opType) {
    case 'Not':
      return part(first, !fires);
    case 'And':
      return together(part(first), part(second), fires);
    case 'Mul': {
      const [a, b] = [part(first), part(second)];
      // One mask times something else is no mask, but what it lets through.
      return a && b && together(a, b, fires);
    }
    case 'Or':
      return together(part(first), part(second), !fires);
    // 1 − m
    case 'Sub':
      return isAll(1, first, inner) ? part(second, !fires) : undefined;
    case 'Equal': {
      const [mask, number] = knownNumbers(second, inner) === undefined ? [second, first] : [first, second];
      if (isZero(number, inner)) return part(mask, !fires);
      return isAll(1, number, inner) ? part(mask) : undefined;
    }
    case 'Where':
      if (isAll(1, second, inner) && isZero(third, inner)) return part(first);
      return isZero(second, inner) && isAll(1, third, inner) ? part(first, !fires) : undefined;
    default:
      return undefined;
  }
}

function isAll(wanted: number, name: string, at: Surroundings): boolean {
  return knownNumbers(name, at)?.numbers.every((number) => number === wanted) ?? false;
}

/**
 * Two masks, of which a neuron must pass both (`isBoth`) or one. One of them may come from elsewhere (padding, causal
 * attention): to pass both is then to pass the other.
 */
function together(a: Mask | undefined, b: Mask | undefined, isBoth: boolean): Mask | undefined {
  if (a === undefined || b === undefined) {
    const only = a ?? b;
    return only === undefined || isBoth ? only : { ...only, theta: null, fires: null };
  }
  return { comparisons: [...a.comparisons, ...b.comparisons], theta: null, fires: null };
}

function comparisonMask(node: Node, wanted: boolean, at: Surroundings): Mask {
  const [left = '', right = ''] = node.inputs;
  const onRight = thetaIn(right, at);
  const onLeft = onRight === null ? thetaIn(left, at) : null;
  const isLeft = onLeft !== null;
  const isGreater = COMPARATORS[node.opType]?.startsWith('>') === true;
  // Turned round for θ on the left, and where the neurons fire that it says no to.
  const isAbove = (isGreater !== isLeft) === wanted;
  const x = at.origin(isLeft ? right : left);
  const isMagnitude = x?.kind === 'node' && x.node.opType === 'Abs' && x.node.domain === '';
  const above = isMagnitude ? 'magnitude' : 'above';
  const below = isMagnitude ? null : 'below';
  return { comparisons: [{ node, at }], theta: onRight ?? onLeft, fires: isAbove ? above : below };
}

/** Null where it is not known, or no floating-point number. */
function thetaIn(name: string, at: Surroundings): Theta | null {
  const known = knownNumbers(name, at);
  if (known === undefined || !isFloat(known.dtype)) return null;
  const [first] = known.numbers;
  return known.numbers.length === 1 && first !== undefined ? first : known.numbers;
}
