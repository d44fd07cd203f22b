/**
 * A mean of a few values (seeds, launches) with its interval: Student's t, which is wide for few of them, as it should be.
 * Source: Student, The probable error of a mean, Biometrika 6 (1908).
 */
import { studentQuantile } from './student.js';

export interface MeanInterval {
  readonly mean: number;
  /** Null of a single value, which says nothing of its spread. */
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
}

/**
 * The 95 % interval of the mean.
 * @param comparisons of how many such intervals all are to hold at once with 95 % (Bonferroni); default 1.
 */
export function meanInterval(values: readonly number[], comparisons = 1): MeanInterval {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, ciLow: null, ciHigh: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const half = studentQuantile(1 - 0.025 / comparisons, count - 1) * Math.sqrt(variance / count);
  return { mean, ciLow: mean - half, ciHigh: mean + half };
}
