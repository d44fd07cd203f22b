/** Whether single elements of two tensors agree within a tolerance: the definition of `Tolerance`, element by element. */
import type { Tolerance } from '../tolerances/tolerance.js';
import type { FloatElements } from './float-format.js';
import { largestMagnitude } from './similarity.js';

/** Answers for the element at an index, in storage order. */
export type ElementTest = (index: number) => boolean;

export function elementTest(actual: FloatElements, expected: FloatElements, tolerance: Tolerance): ElementTest {
  const floorAt = floorOf(tolerance, expected);
  return (index) => {
    const a = actual.numbers[index];
    const e = expected.numbers[index];
    if (a === e) return true;
    if (Number.isNaN(a) && Number.isNaN(e)) return tolerance.nan === 'equal';
    const difference = Math.abs(a - e);
    if (!(difference < Infinity)) return false;
    return isWithin(tolerance, floorAt(index), {
      difference,
      magnitude: Math.abs(e),
      ulp: actual.ulpTo(expected, index),
    });
  };
}

/**
 * What a tolerance allows to an element of expected value 0: of the scale of the tensor, or of the terms that the element
 * was added up from, where these are known.
 */
export function floorOf(
  { atol, scale }: Tolerance,
  expected: FloatElements,
  terms?: FloatElements,
): (index: number) => number {
  if (scale !== 0 && terms !== undefined) return (index) => atol + scale * Math.abs(terms.numbers[index]);
  const floor = scale === 0 ? atol : atol + scale * largestMagnitude(expected.numbers);
  return () => floor;
}

export interface Distance {
  readonly difference: number;
  /** |expected| */
  readonly magnitude: number;
  readonly ulp: number;
}

/** Whether two finite elements agree. `floor` is the part of the allowance that no element changes. */
export function isWithin({ rtol, ulp: ulpAllowed }: Tolerance, floor: number, distance: Distance): boolean {
  return distance.difference <= floor + rtol * distance.magnitude || distance.ulp <= ulpAllowed;
}
