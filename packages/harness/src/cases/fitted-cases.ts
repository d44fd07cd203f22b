/**
 * Extents for dimensions that a model leaves open and nobody has given. Most models take 1 everywhere; some do not (a
 * reflecting pad needs two samples, a speech model a whole window), and say so only when they run. So the first case is
 * tried out on the baseline, and where it is refused, other extents are: a few lengths, first in one open dimension,
 * then in two at a time, and so on.
 */
import type { Model } from '@rheobase/exporter';
import type { AcceptsFeeds, Case, CaseSource, Dims } from './case.js';
import { openDims } from './input-shapes.js';

/** Short lengths, then the sizes of windows and images that models are built for. */
const LENGTHS = [2, 4, 8, 16, 32, 64, 224, 256, 512, 1024] as const;

const MOST_TRIES = 120;

/**
 * Cases drawn with extents that the model accepts. Where that takes other extents than 1, the names of the cases tell
 * which. Where none of them is accepted, the cases are those with 1, and the run will say what is wrong with them.
 */
export function fittedCases(dims: Dims, draw: (model: Model, dims: Dims) => Iterable<Case>): CaseSource {
  const found = new WeakMap<Model, Dims>();
  return async function* (model, accepts) {
    const fitted = found.get(model) ?? (await fitExtents(model, dims, draw, accepts));
    if (accepts !== undefined) found.set(model, fitted);
    const chosen = Object.entries(fitted).filter(([key]) => !(key in dims));
    const suffix = chosen.map(([key, extent]) => ` ${key}=${extent}`).join('');
    for (const one of draw(model, fitted)) yield { ...one, name: `${one.name}${suffix}` };
  };
}

async function fitExtents(
  model: Model,
  dims: Dims,
  draw: (model: Model, dims: Dims) => Iterable<Case>,
  accepts: AcceptsFeeds | undefined,
): Promise<Dims> {
  if (accepts === undefined) return dims;
  for (const candidate of candidates(dims, undecided(model, dims))) {
    const [first] = draw(model, candidate);
    if (first === undefined || (await accepts(first.feeds))) return candidate;
  }
  return dims;
}

/** A dimension can be given by its name and by its place; one that is given by place alone is still open by name. */
function undecided(model: Model, dims: Dims): readonly string[] {
  return openDims(model).filter((key) => !(key in dims));
}

function* candidates(dims: Dims, open: readonly string[]): Iterable<Dims> {
  yield dims;
  let tries = 0;
  for (const subset of subsetsBySize(open)) {
    for (const length of LENGTHS) {
      tries += 1;
      if (tries > MOST_TRIES) return;
      yield { ...dims, ...Object.fromEntries(subset.map((key) => [key, length])) };
    }
  }
}

/** All non-empty subsets, the small ones first, later dimensions before earlier ones: the first is often the batch. */
function* subsetsBySize(keys: readonly string[]): Iterable<readonly string[]> {
  const reversed = [...keys].reverse();
  for (let size = 1; size <= reversed.length; size += 1) yield* subsetsOf(reversed, size);
}

function* subsetsOf(keys: readonly string[], size: number): Iterable<readonly string[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (const [index, key] of keys.entries()) {
    for (const rest of subsetsOf(keys.slice(index + 1), size - 1)) yield [key, ...rest];
  }
}
