/**
 * A mean over seeds with its 95 % interval: Student's t, which is wide for few seeds, as it should be.
 * Source: Student, The probable error of a mean, Biometrika 6 (1908); quantiles from tables of t.
 */
export interface MeanInterval {
  readonly mean: number;
  /** Null of a single value, which says nothing of its spread. */
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
}

/** The 0.975 quantile of t by degrees of freedom, from 1. */
const QUANTILES = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

export function meanInterval(values: readonly number[]): MeanInterval {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, ciLow: null, ciHigh: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  // Beyond the table the last quantile is a little too wide, never too narrow.
  const half = QUANTILES[Math.min(count - 1, QUANTILES.length) - 1] * Math.sqrt(variance / count);
  return { mean, ciLow: mean - half, ciHigh: mean + half };
}
