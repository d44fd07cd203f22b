/**
 * The share of rows whose largest element is at the same place in both tensors: for a classifier, the share of equal
 * answers. Rows run along the last axis. Of equal elements the first counts, and a NaN counts as the largest, as in numpy.
 */
import type { Numbers } from './comparison.js';

/** Null where a row has fewer than two elements, or there is no row. */
export function argmaxAgreement(actual: Numbers, expected: Numbers, shape: readonly number[]): number | null {
  const columns = shape.at(-1) ?? 0;
  if (columns < 2 || expected.length === 0) return null;
  const rows = expected.length / columns;
  let equal = 0;
  for (let row = 0; row < rows; row += 1) {
    if (argmax(actual, row * columns, columns) === argmax(expected, row * columns, columns)) equal += 1;
  }
  return equal / rows;
}

function argmax(numbers: Numbers, start: number, length: number): number {
  let best = 0;
  for (let column = 0; column < length; column += 1) {
    const value = numbers[start + column];
    if (Number.isNaN(value)) return column;
    if (value > numbers[start + best]) best = column;
  }
  return best;
}
