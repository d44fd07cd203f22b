/** Sweeps over shapes: the same kind of cases again for every combination of extents of some open dimensions. */
import { badInput } from '@rheobase/exporter/errors';
import type { CaseSource, Dims } from './case.js';

/** Extents to take in turn, by dimension (`batch`, or `x[0]` where it has no name). */
export type Sweeps = Readonly<Record<string, readonly number[]>>;

const MOST_COMBINATIONS = 10_000;

/**
 * Cases of `sourceFor(dims)` for every combination, the last dimension going fastest; names tell the extents:
 * `random0 batch=7`.
 * @throws RheobaseError `bad-input` for a dimension that `dims` has fixed already, and for too many combinations.
 */
export function sweptCases(sweeps: Sweeps, dims: Dims, sourceFor: (dims: Dims) => CaseSource): CaseSource {
  const fixed = Object.keys(sweeps).find((key) => key in dims);
  if (fixed !== undefined) throw badInput('is fixed and swept at the same time', { where: `dimension ${fixed}` });
  const count = Object.values(sweeps).reduce((product, extents) => product * extents.length, 1);
  if (count > MOST_COMBINATIONS) {
    throw badInput(`the sweep has ${count} combinations, more than ${MOST_COMBINATIONS}`, {
      remedy: 'sweep fewer extents at a time',
    });
  }
  const sources = combinations(Object.entries(sweeps)).map((extents) => ({
    suffix: Object.entries(extents)
      .map(([key, extent]) => ` ${key}=${extent}`)
      .join(''),
    source: sourceFor({ ...dims, ...extents }),
  }));
  return async function* (model, accepts) {
    for (const { suffix, source } of sources) {
      for await (const one of source(model, accepts)) yield { ...one, name: `${one.name}${suffix}` };
    }
  };
}

function combinations(entries: readonly (readonly [string, readonly number[]])[]): readonly Dims[] {
  const [first, ...rest] = entries;
  if (first === undefined) return [{}];
  const [key, extents] = first;
  return extents.flatMap((extent) => combinations(rest).map((others) => ({ [key]: extent, ...others })));
}
