/** Order statistics of a sample. They say nothing of how the sample was taken: clocks are elsewhere. */

/**
 * The value below which a share `q` of the sample lies, interpolated between neighbours
 * (Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996, definition 7, as numpy's default).
 * @throws RangeError for an empty sample.
 */
export function quantile(sample: readonly number[], q: number): number {
  return sortedQuantile(Float64Array.from(sample).sort(), q);
}

export function median(sample: readonly number[]): number {
  return quantile(sample, 0.5);
}

/** As `quantile`, of a sample already in ascending order. */
export function sortedQuantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) throw new RangeError('an empty sample has no quantiles');
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below];
  const high = sorted[Math.min(below + 1, sorted.length - 1)];
  return low + (high - low) * (position - below);
}
