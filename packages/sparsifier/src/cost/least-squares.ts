/** Least squares with few unknowns, by the normal equations and Gaussian elimination. */

/**
 * Coefficients c that make Σ w·(row·c − value)² least, none below 0: what comes out negative is set to 0 and the rest is
 * fitted again.
 */
export function fitNonNegative(
  rows: readonly (readonly number[])[],
  values: readonly number[],
  weights: readonly number[],
): number[] {
  const unknowns = rows[0]?.length ?? 0;
  const free = new Set(Array.from({ length: unknowns }, (_, index) => index));
  for (;;) {
    const columns = [...free];
    const solution = solve(columns, rows, values, weights);
    const worst = solution.findIndex((value) => value < 0);
    if (worst < 0) {
      const result = new Array<number>(unknowns).fill(0);
      for (const [index, column] of columns.entries()) result[column] = solution[index] ?? 0;
      return result;
    }
    free.delete(columns[worst] ?? -1);
  }
}

function solve(
  columns: readonly number[],
  rows: readonly (readonly number[])[],
  values: readonly number[],
  weights: readonly number[],
): number[] {
  const matrix = columns.map((a) => [
    ...columns.map((b) => sum(rows, (row, index) => (weights[index] ?? 1) * (row[a] ?? 0) * (row[b] ?? 0))),
    sum(rows, (row, index) => (weights[index] ?? 1) * (row[a] ?? 0) * (values[index] ?? 0)),
  ]);
  for (const [pivot, pivotRow] of matrix.entries()) {
    const scale = pivotRow[pivot] || 1;
    for (const [other, row] of matrix.entries()) {
      if (other === pivot) continue;
      const factor = (row[pivot] ?? 0) / scale;
      for (let column = pivot; column < row.length; column += 1)
        row[column] = (row[column] ?? 0) - factor * (pivotRow[column] ?? 0);
    }
  }
  return matrix.map((row, index) => (row.at(-1) ?? 0) / (row[index] || 1));
}

function sum<T>(list: readonly T[], term: (item: T, index: number) => number): number {
  return list.reduce((total, item, index) => total + term(item, index), 0);
}
