/** What a comparison finds element by element, whatever the element type. */
import type { ErrorHistogram } from './error-histogram.js';
import type { WorstElement } from './worst-elements.js';

export interface Difference {
  /** Elements that do not agree within the tolerance. */
  readonly mismatched: number;
  /** Largest |actual − expected|; null for types without distance (bool, string). */
  readonly maxAbs: number | null;
  /** Largest |actual − expected| / |expected|, over the elements whose expected value is not zero. */
  readonly maxRel: number | null;
  /** Largest distance in representable numbers of the tensor's own format; for integers the same as `maxAbs`. */
  readonly maxUlp: number | null;
  /** A NaN on one side only (or on both, where the tolerance's policy is `mismatch`). */
  readonly nanMismatches: number;
  /** An infinity against anything but the same infinity (or that too, by policy). */
  readonly infMismatches: number;
  /** +0 against −0. Counted always; a mismatch only by policy. */
  readonly signedZeroMismatches: number;
  /** A denormal against the zero it was flushed to. Counted always; a mismatch only by policy. */
  readonly denormalFlushes: number;
  readonly worst: readonly WorstElement[];
  /** How the differences are spread; null for types without distance, and where it was not asked for. */
  readonly histogram: ErrorHistogram | null;
}

/** The counts of element types that have no such classes. */
export const NO_CLASSES = { nanMismatches: 0, infMismatches: 0, signedZeroMismatches: 0, denormalFlushes: 0 } as const;
