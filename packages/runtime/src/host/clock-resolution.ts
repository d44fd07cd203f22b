/**
 * The smallest step of the clock. Browsers coarsen `performance.now()` against timing attacks: to 5 µs in a page that is
 * cross-origin isolated, to 100 µs elsewhere, to 1 ms in Firefox when it resists fingerprinting (High Resolution Time,
 * section 7). Where steps are finer than the time it takes to read the clock, that is what is found.
 */

/** Steps that are looked at, and the ms after which a coarse clock is told by the few there were. */
const STEPS = 50;
const LONGEST_MS = 20;

/** In ms; the smallest of several steps, as one may fall where the process was interrupted. */
export function clockResolution(now: () => number = () => performance.now()): number {
  const start = now();
  let smallest = Number.POSITIVE_INFINITY;
  let before = start;
  for (let steps = 0; steps < STEPS && (before - start < LONGEST_MS || steps === 0); ) {
    const time = now();
    if (time === before) continue;
    smallest = Math.min(smallest, time - before);
    before = time;
    steps += 1;
  }
  return smallest;
}
