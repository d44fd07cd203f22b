/**
 * How far two elements may lie apart and still agree. An element agrees when any one of these holds:
 *
 *     |actual − expected| ≤ atol + rtol · |expected| + scale · max |expected of the tensor|
 *     the two lie at most `ulp` representable numbers apart, in the tensor's own format
 *
 * `atol` and `rtol` are numpy's `allclose`. `scale` is there because the error of a sum is proportional to its terms, not
 * to its result: an element that cancels to almost nothing carries an error of the size of its neighbours' last bits.
 * Classes that have no distance (NaN, infinities, the sign of zero, flushed denormals) have a policy each.
 */
export interface Tolerance {
  readonly atol: number;
  readonly rtol: number;
  /** Share of the largest finite |expected| of the tensor. */
  readonly scale: number;
  /** Units in the last place of the tensor's own format. */
  readonly ulp: number;
  /** Whether two NaNs agree. A NaN never agrees with a number. */
  readonly nan: 'equal' | 'mismatch';
  /** Whether two infinities of one sign agree. An infinity agrees with nothing else. */
  readonly inf: 'equal' | 'mismatch';
  /** Whether −0 agrees with +0. */
  readonly signedZero: 'equal' | 'mismatch';
  /** Whether a denormal agrees with a zero that it was flushed to (of its own sign, or +0). */
  readonly denormals: 'flush' | 'exact';
  /** Why these figures, for the reader of a report. */
  readonly reason: string;
}

/** Nothing may differ but the representation of equal numbers: two NaNs agree, and −0 agrees with +0. */
export const EXACT: Tolerance = {
  atol: 0,
  rtol: 0,
  scale: 0,
  ulp: 0,
  nan: 'equal',
  inf: 'equal',
  signedZero: 'equal',
  denormals: 'exact',
  reason: 'exact: integers, booleans and strings have no rounding',
};
