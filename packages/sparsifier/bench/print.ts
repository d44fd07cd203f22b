/** Lines of a table in a terminal. */

export function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) => (index === 0 ? cell.padStart(WIDTHS[0] ?? 0) : cell.padEnd(WIDTHS[index] ?? 0)))
    .join('  ')
    .trimEnd();
}

/** The limit and whether the figure keeps it; empty where there is none. */
export function verdict(figure: number, limit: number | undefined): readonly [string, string] {
  if (limit === undefined) return ['', ''];
  return [`${limit} ×`, figure >= limit ? 'met' : 'MISSED'];
}

const WIDTHS = [11, 18, 9, 20, 14, 12, 7, 6];
