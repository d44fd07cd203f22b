/** The place of an element as one index per axis, from its place in row-major order; `[]` in a scalar. */
export function elementIndex(flat: number, shape: readonly number[]): readonly number[] {
  const index: number[] = [];
  let rest = flat;
  for (const extent of shape.toReversed()) {
    index.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return index;
}
