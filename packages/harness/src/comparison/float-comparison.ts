/** Floating-point tensors, element by element: first the classes that have no distance, then distance. */
import type { Tolerance } from '../tolerances/tolerance.js';
import type { Difference } from './difference.js';
import { floorOf, isWithin } from './element-test.js';
import { HistogramBuilder } from './error-histogram.js';
import type { FloatElements } from './float-format.js';
import { WorstElements } from './worst-elements.js';

export interface FloatComparisonOptions {
  readonly tolerance: Tolerance;
  readonly worst: number;
  readonly shape: readonly number[];
  readonly histogram: boolean;
  /** Magnitude of the terms that each element was added up from; see `ComparisonOptions`. */
  readonly terms?: FloatElements;
}

export function compareFloats(
  actual: FloatElements,
  expected: FloatElements,
  { tolerance, worst, shape, histogram, terms }: FloatComparisonOptions,
): Difference {
  const { nan, inf, signedZero, denormals } = tolerance;
  const floorAt = floorOf(tolerance, expected, terms);
  const builder = histogram ? new HistogramBuilder() : null;
  const [actualNumbers, expectedNumbers] = [actual.numbers, expected.numbers];
  const smallestNormal = expected.smallestNormal;
  const worstElements = new WorstElements(worst, shape, actual, expected);
  let mismatched = 0;
  let maxAbs = 0;
  let maxRel = 0;
  let maxUlp = 0;
  let nanMismatches = 0;
  let infMismatches = 0;
  let signedZeroMismatches = 0;
  let denormalFlushes = 0;
  let withoutDistance = 0;

  for (let i = 0; i < expectedNumbers.length; i += 1) {
    const a = actualNumbers[i];
    const e = expectedNumbers[i];
    if (a === e) {
      if (a === 0 && Object.is(a, -0) !== Object.is(e, -0)) {
        signedZeroMismatches += 1;
        if (signedZero === 'mismatch') {
          mismatched += 1;
          worstElements.add(i, 'signed zero', 0, 0);
        }
      } else if (inf === 'mismatch' && (a === Infinity || a === -Infinity)) {
        infMismatches += 1;
        mismatched += 1;
        worstElements.add(i, 'infinity', null, null);
      }
      continue;
    }
    // Terms that overflow on the way may do so in one order and not in another.
    if (terms !== undefined && !(Math.abs(terms.numbers[i]) < Infinity)) {
      withoutDistance += 1;
      continue;
    }
    const difference = Math.abs(a - e);
    // False for NaN, and for the infinite difference of an infinity; two finite doubles may also lie that far apart.
    if (!(difference < Infinity)) {
      if (Number.isNaN(a) || Number.isNaN(e)) {
        withoutDistance += 1;
        if (Number.isNaN(a) && Number.isNaN(e) && nan === 'equal') continue;
        nanMismatches += 1;
        mismatched += 1;
        worstElements.add(i, 'NaN', null, null);
        continue;
      }
      if (!Number.isFinite(a) || !Number.isFinite(e)) {
        withoutDistance += 1;
        infMismatches += 1;
        mismatched += 1;
        worstElements.add(i, 'infinity', null, null);
        continue;
      }
    }
    const magnitude = Math.abs(e);
    const ulp = actual.ulpTo(expected, i);
    if (difference > maxAbs) maxAbs = difference;
    if (magnitude > 0 && difference / magnitude > maxRel) maxRel = difference / magnitude;
    if (ulp > maxUlp) maxUlp = ulp;
    builder?.add(difference, ulp);
    const flushed = isFlush(a, e, smallestNormal);
    if (flushed) denormalFlushes += 1;
    if (isWithin(tolerance, floorAt(i), { difference, magnitude, ulp }) || (flushed && denormals === 'flush')) continue;
    mismatched += 1;
    worstElements.add(i, flushed ? 'denormal' : 'distance', difference, ulp);
  }
  return {
    mismatched,
    maxAbs: finite(maxAbs),
    maxRel: finite(maxRel),
    maxUlp,
    nanMismatches,
    infMismatches,
    signedZeroMismatches,
    denormalFlushes,
    worst: worstElements.list(),
    histogram: builder?.result(expectedNumbers.length - withoutDistance) ?? null,
  };
}

/** One side is zero, the other a denormal of the same sign; a flush may also lose the sign, so +0 does for either. */
function isFlush(a: number, e: number, smallestNormal: number): boolean {
  if (a !== 0 && e !== 0) return false;
  const [zero, other] = a === 0 ? [a, e] : [e, a];
  if (Math.abs(other) >= smallestNormal) return false;
  return Object.is(zero, 0) || other < 0;
}

/** Differences and quotients of doubles can overflow; JSON cannot say so, and "at least this much" can. */
function finite(value: number): number {
  return Math.min(value, Number.MAX_VALUE);
}
