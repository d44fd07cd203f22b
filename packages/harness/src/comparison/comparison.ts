/**
 * Two tensors compared: a pure function that answers how they differ, in every measure a reader of a report may want,
 * and whether they agree within a tolerance.
 *
 * JSON has neither Infinity nor NaN, so no measure ever is one. Distances (`maxAbs`, `maxRel`, `maxUlp`) are taken over
 * the pairs of finite elements alone; pairs without a distance are counted in a class of their own. A measure that makes
 * no sense for these tensors (the SQNR of identical ones, the cosine of strings) is null.
 */
import { type DType, dtypeKind, sizeOf, type Tensor } from '@rheobase/exporter/tensor';
import type { Tolerance } from '../tolerances/tolerance.js';
import { argmaxAgreement } from './argmax-agreement.js';
import { type Difference, NO_CLASSES } from './difference.js';
import { compareDiscrete } from './discrete-comparison.js';
import { compareFloats } from './float-comparison.js';
import { floatElements, isFloatDType } from './float-format.js';
import { compareIntegers, integersOf } from './integer-comparison.js';
import { similarityOf } from './similarity.js';

export interface ComparisonOptions {
  readonly tolerance: Tolerance;
  /** How many of the worst elements to name; default 5. */
  readonly worst?: number;
  /** Whether to count how the differences are spread; default true. */
  readonly histogram?: boolean;
  /**
   * Σ |term| of each element, where that is known: what a sum may be off by is a share of its terms, however little is
   * left of them. It takes the place of the tensor's largest element in `scale`; where it is no finite number, terms
   * may overflow in one order and not in another, and the element agrees with anything.
   */
  readonly terms?: Tensor;
}

export interface Comparison extends Difference {
  readonly verdict: 'agree' | 'diverge';
  /** Why they diverge, in one line; null where they agree. */
  readonly reason: string | null;
  /** Number of elements; real and imaginary parts count as one each. */
  readonly count: number;
  /**
   * Signal to quantisation noise ratio, 10 · log10(Σ expected² / Σ (actual − expected)²), over the finite pairs.
   * Null where there is no noise, no signal, or nothing to measure.
   */
  readonly sqnrDb: number | null;
  /** Cosine of the angle between the two as vectors; 1 for two zero vectors, 0 for one. */
  readonly cosine: number | null;
  /** Share of the rows (along the last axis) whose largest element is at the same place; null below two columns. */
  readonly argmaxAgreement: number | null;
  readonly tolerance: Tolerance;
}

/**
 * Compares `actual` with `expected`, element by element. Tensors of different type or shape diverge as a whole: every
 * expected element counts as mismatched and no distance is given.
 */
export function compareTensors(actual: Tensor, expected: Tensor, options: ComparisonOptions): Comparison {
  const { tolerance } = options;
  const unlike = structuralDifference(actual, expected);
  if (unlike !== null) return divergeAsWhole(expected, unlike, tolerance);
  const { difference, numbers } = compareElements(actual, expected, options);
  const count = elementCount(expected);
  return {
    verdict: difference.mismatched === 0 ? 'agree' : 'diverge',
    reason: difference.mismatched === 0 ? null : reasonOf(difference, count),
    count,
    ...difference,
    ...(numbers === null ? { sqnrDb: null, cosine: null } : similarityOf(numbers.actual, numbers.expected)),
    argmaxAgreement:
      numbers === null || isComplex(expected.dtype)
        ? null
        : argmaxAgreement(numbers.actual, numbers.expected, expected.shape),
    tolerance,
  };
}

/** Why two tensors cannot be compared element by element, null where they can. */
export function structuralDifference(actual: Tensor, expected: Tensor): string | null {
  if (actual.dtype !== expected.dtype) return `the type is ${actual.dtype}, expected ${expected.dtype}`;
  const alike =
    actual.shape.length === expected.shape.length &&
    actual.shape.every((extent, axis) => extent === expected.shape[axis]);
  return alike ? null : `the shape is [${actual.shape}], expected [${expected.shape}]`;
}

interface ElementComparison {
  readonly difference: Difference;
  /** The elements as numbers, for the measures of the whole; null where they are not numbers. */
  readonly numbers: { readonly actual: Numbers; readonly expected: Numbers } | null;
}

export type Numbers = Float32Array | Float64Array;

function compareElements(actual: Tensor, expected: Tensor, options: ComparisonOptions): ElementComparison {
  const { tolerance, worst = 5, histogram = true, terms } = options;
  const { dtype, shape } = expected;
  if (isFloatDType(dtype) || isComplex(dtype)) {
    const [a, e] = [floatElements(actual), floatElements(expected)];
    const difference = compareFloats(a, e, {
      tolerance,
      worst,
      histogram,
      shape: storedShape(expected),
      ...(terms === undefined || structuralDifference(terms, expected) !== null ? {} : { terms: floatElements(terms) }),
    });
    return { difference, numbers: { actual: a.numbers, expected: e.numbers } };
  }
  if (dtype === 'string' || dtype === 'bool') {
    return { difference: compareDiscrete(actual, expected, worst), numbers: null };
  }
  const [a, e] = [integersOf(actual), integersOf(expected)];
  const difference = compareIntegers(a, e, { tolerance, worst, shape, histogram });
  return { difference, numbers: { actual: Float64Array.from(a, Number), expected: Float64Array.from(e, Number) } };
}

function isComplex(dtype: DType): boolean {
  return dtypeKind(dtype) === 'complex';
}

/** A complex tensor is compared as one with an axis more: real, imaginary. */
function storedShape({ dtype, shape }: Tensor): readonly number[] {
  return isComplex(dtype) ? [...shape, 2] : shape;
}

function elementCount(tensor: Tensor): number {
  return sizeOf(storedShape(tensor));
}

/** The comparison of a tensor with one that is missing or of another kind: nothing in it agrees. */
export function divergeAsWhole(expected: Tensor, reason: string, tolerance: Tolerance): Comparison {
  const count = elementCount(expected);
  return {
    verdict: 'diverge',
    reason,
    count,
    mismatched: count,
    maxAbs: null,
    maxRel: null,
    maxUlp: null,
    ...NO_CLASSES,
    sqnrDb: null,
    cosine: null,
    argmaxAgreement: null,
    tolerance,
    worst: [],
    histogram: null,
  };
}

function reasonOf({ mismatched, nanMismatches, infMismatches, maxAbs }: Difference, count: number): string {
  const classes = [
    nanMismatches > 0 ? `${nanMismatches} NaN` : '',
    infMismatches > 0 ? `${infMismatches} infinite` : '',
    maxAbs !== null && maxAbs > 0 ? `largest difference ${Number(maxAbs.toPrecision(3))}` : '',
  ].filter((text) => text !== '');
  const detail = classes.length === 0 ? '' : ` (${classes.join(', ')})`;
  return `${mismatched} of ${count} elements out of tolerance${detail}`;
}
