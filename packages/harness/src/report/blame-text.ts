/** What a comparison is blamed on, as one phrase. */
import type { ComparisonRow } from './verify-report.js';

/** `first at act (Relu) in iteration 3 of steps (Loop)`; null where nothing is known. `named` shortens names. */
export function blameText(
  { firstDivergence: first, firstDivergenceNote: note }: Pick<ComparisonRow, 'firstDivergence' | 'firstDivergenceNote'>,
  named: (name: string) => string = (name) => name,
): string | null {
  if (first === null) return note;
  return joined(`first at ${named(first.node || first.output)} (${first.opType})`, first, note);
}

/** What follows the node: where in loops it is, and whatever else is to be said. */
export function afterBlame({
  firstDivergence: first,
  firstDivergenceNote: note,
}: Pick<ComparisonRow, 'firstDivergence' | 'firstDivergenceNote'>): string {
  return first === null ? '' : joined('', first, note);
}

function joined(place: string, first: NonNullable<ComparisonRow['firstDivergence']>, note: string | null): string {
  if (note === null) return place;
  return first.within === undefined ? `${place}; ${note}` : `${place} ${note}`;
}
