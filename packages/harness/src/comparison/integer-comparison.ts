/**
 * Integers are exact: a tolerance applies only where the caller asks for one (a quantised output may round either way).
 * 64-bit integers are compared as they are, so that neighbours beyond 2^53 stay apart; only the reported distance
 * is rounded to a double.
 */
import { dtypeBits, dtypeKind, type Tensor } from '@rheobase/exporter/tensor';
import type { Tolerance } from '../tolerances/tolerance.js';
import { type Difference, NO_CLASSES } from './difference.js';
import { HistogramBuilder } from './error-histogram.js';
import { unpack } from './packed.js';
import { type ElementTexts, WorstElements } from './worst-elements.js';

export type Integers =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface IntegerComparisonOptions {
  readonly tolerance: Tolerance;
  readonly worst: number;
  readonly shape: readonly number[];
  readonly histogram: boolean;
}

/** The elements of an integer tensor, one per entry, also where they are stored packed. */
export function integersOf({ dtype, shape, data }: Tensor): Integers {
  const bits = dtypeBits(dtype);
  if (bits >= 8) return data as Integers;
  const unsigned = unpack(data as Uint8Array, bits, shape);
  if (dtypeKind(dtype) === 'uint') return unsigned;
  const shift = 32 - bits;
  return Int8Array.from(unsigned, (value) => (value << shift) >> shift);
}

export function compareIntegers(
  actual: Integers,
  expected: Integers,
  { tolerance: { atol, rtol }, worst, shape, histogram }: IntegerComparisonOptions,
): Difference {
  const worstElements = new WorstElements(worst, shape, textsOf(actual), textsOf(expected));
  const builder = histogram ? new HistogramBuilder() : null;
  let mismatched = 0;
  let maxAbs = 0;
  let maxRel = 0;
  for (let i = 0; i < expected.length; i += 1) {
    const a = actual[i];
    const e = expected[i];
    if (a === e) continue;
    const difference = distance(a, e);
    const magnitude = Math.abs(Number(e));
    if (difference > maxAbs) maxAbs = difference;
    builder?.add(difference, difference);
    if (magnitude > 0) maxRel = Math.max(maxRel, difference / magnitude);
    if (difference <= atol + rtol * magnitude) continue;
    mismatched += 1;
    worstElements.add(i, 'distance', difference, difference);
  }
  return {
    mismatched,
    maxAbs,
    maxRel,
    maxUlp: maxAbs,
    ...NO_CLASSES,
    worst: worstElements.list(),
    histogram: builder?.result(expected.length) ?? null,
  };
}

function distance(a: number | bigint, e: number | bigint): number {
  if (typeof a === 'number' && typeof e === 'number') return Math.abs(a - e);
  const difference = BigInt(a) - BigInt(e);
  return Number(difference < 0n ? -difference : difference);
}

function textsOf(values: Integers): ElementTexts {
  return { text: (index) => String(values[index]), hex: () => null };
}
