/** How the outputs of one run differ from those of another, one entry a class of difference. */
import { type DType, dtypeKind, type Tensor } from '@rheobase/exporter/tensor';
import type { BackendId } from '@rheobase/runtime';
import { type Comparison, compareTensors, structuralDifference } from '../comparison/comparison.js';
import type { MismatchKind, WorstElement } from '../comparison/index.js';
import { defaultTolerance, type Tolerance } from '../tolerances/index.js';
import type { Latitude } from './latitude.js';

/**
 * - `crash`, `hang`, `error`: no outputs, where another backend has some.
 * - `shape`: outputs of another shape or element type.
 * - `nan`, `infinity`: a NaN or an infinity on one side and something else on the other.
 * - `value`: numbers out of tolerance; any difference of integers, booleans and strings.
 * - `signed-zero`: zeros of different sign. `denormal`: a denormal on one side and zero on the other.
 */
export const DIFFERENCE_KINDS = [
  ...(['crash', 'hang', 'error', 'shape', 'nan', 'infinity', 'value', 'signed-zero', 'denormal'] as const),
] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

export interface OutputDifference {
  readonly kind: DifferenceKind;
  readonly output: string;
  readonly dtype: DType;
  /** Elements that differ in this way, of how many. */
  readonly elements: number;
  readonly count: number;
  /** The worst of them, null where the outputs cannot be compared element by element. */
  readonly worst: WorstElement | null;
  /** In one line, for differences that are not of single elements. */
  readonly text: string | null;
  readonly latitude: Latitude | null;
}

/** What allows a difference of a kind at an element of an output; the element is null where it is not known. */
export type LatitudeAt = (kind: DifferenceKind, to: DType, element: WorstElement | null) => Latitude | null;

export interface ComparisonSubject {
  readonly backend: BackendId;
  readonly reference: BackendId;
  readonly elementwise: boolean;
  /** The operator draws random numbers, so that only types and shapes can be compared. */
  readonly random: boolean;
}

type Outputs = Readonly<Record<string, Tensor>>;

/** Elements looked at to find one of each kind. */
const LOOKED_AT = 1024;

export function differencesOf(
  actual: Outputs,
  expected: Outputs,
  subject: ComparisonSubject,
  latitudeAt: LatitudeAt,
): OutputDifference[] {
  return Object.entries(expected).flatMap(([output, value]): OutputDifference[] => {
    const { dtype } = value;
    const unlike = structuralDifference(actual[output], value);
    if (unlike !== null) {
      return [{ ...NOTHING, kind: 'shape', output, dtype, text: unlike, latitude: latitudeAt('shape', dtype, null) }];
    }
    if (subject.random) return [];
    const comparison = compareTensors(actual[output], value, {
      tolerance: toleranceOf(dtype, subject),
      worst: LOOKED_AT,
    });
    return countsByKind(comparison).flatMap(([kind, elements]) => {
      const ofKind = comparison.worst.filter((element) => KIND_OF[element.kind] === kind);
      const told = { kind, output, dtype, elements, count: comparison.count, text: null };
      return oneByLatitude(ofKind, (element) => latitudeAt(kind, dtype, element)).map((one) => ({ ...told, ...one }));
    });
  });
}

/** The worst element that nothing allows, and that of each rule which allows some. */
function oneByLatitude(
  elements: readonly WorstElement[],
  latitudeOf: (element: WorstElement | null) => Latitude | null,
): Pick<OutputDifference, 'worst' | 'latitude'>[] {
  if (elements.length === 0) return [{ worst: null, latitude: latitudeOf(null) }];
  const byRule = new Map<string, Pick<OutputDifference, 'worst' | 'latitude'>>();
  for (const worst of elements) {
    const latitude = latitudeOf(worst);
    const rule = latitude?.name ?? '';
    if (!byRule.has(rule)) byRule.set(rule, { worst, latitude });
  }
  return [...byRule.values()];
}

const NOTHING = { elements: 0, count: 0, worst: null } as const;

const KIND_OF: Readonly<Record<MismatchKind, DifferenceKind>> = {
  NaN: 'nan',
  infinity: 'infinity',
  distance: 'value',
  denormal: 'denormal',
  'signed zero': 'signed-zero',
};

function countsByKind(comparison: Comparison): [DifferenceKind, number][] {
  const { mismatched, nanMismatches, infMismatches, signedZeroMismatches, denormalFlushes } = comparison;
  const counts: [DifferenceKind, number][] = [
    ['nan', nanMismatches],
    ['infinity', infMismatches],
    ['value', mismatched - nanMismatches - infMismatches - signedZeroMismatches],
    ['signed-zero', signedZeroMismatches],
    ['denormal', denormalFlushes],
  ];
  return counts.filter(([, count]) => count > 0);
}

/**
 * That of two backends of their kind. Where elements have nothing to do with each other, an element's error is measured
 * by itself and not by the tensor's largest, which among special values is the largest of its type.
 */
function toleranceOf(dtype: DType, { backend, reference, elementwise }: ComparisonSubject): Tolerance {
  const usual = defaultTolerance(dtype, backend, reference);
  if (dtypeKind(dtype) !== 'float') return usual;
  const policies = { signedZero: 'mismatch', denormals: 'flush' } as const;
  return { ...usual, ...policies, ...(elementwise ? { scale: 0 } : {}) };
}
