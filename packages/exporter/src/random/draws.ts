/** Draws from a random stream: distributions and orders. */
import type { Random } from './random.js';

/** A whole number in [low, high), evenly but for a bias of at most (high − low) / 2^32. */
export function integerIn(stream: Random, low: number, high: number): number {
  return low + Math.floor((stream.uint32() / 2 ** 32) * (high - low));
}

/** Standard normal (Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958). */
export function normal(stream: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - stream.uniform()));
  return radius * Math.cos(2 * Math.PI * stream.uniform());
}

/** The items in random order (Fisher and Yates), the given array left as it is. */
export function shuffled<T>(stream: Random, items: readonly T[]): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = integerIn(stream, 0, i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
