/** Extents that are given for several models at once: each model takes those of the dimensions that it has. */
import { badInput } from '@rheobase/exporter/errors';
import type { CaseSource, Dims } from './case.js';
import { dimKeys } from './input-shapes.js';
import type { Sweeps } from './sweep-cases.js';

/**
 * Cases of `make`, called with what fits a model. A dimension that none of the first `models` models has is an error.
 * @throws RheobaseError `bad-input` that names the dimension, with the cases of the last of these models.
 */
export function sharedDims(
  dims: Dims,
  sweeps: Sweeps,
  models: number,
  make: (dims: Dims, sweeps: Sweeps) => CaseSource,
): CaseSource {
  const made = new Map<string, CaseSource>();
  const unused = new Set([...Object.keys(dims), ...Object.keys(sweeps)]);
  let asked = 0;
  return (model, accepts) => {
    const keys = dimKeys(model);
    for (const key of keys) unused.delete(key);
    asked += 1;
    const [missing] = unused;
    if (asked === models && missing !== undefined) {
      throw badInput('no model has such an open dimension', { where: `dimension ${missing}` });
    }
    const own = [fitting(dims, keys), fitting(sweeps, keys)] as const;
    const key = JSON.stringify(own);
    const source = made.get(key) ?? make(...own);
    made.set(key, source);
    return source(model, accepts);
  };
}

function fitting<T>(all: Readonly<Record<string, T>>, keys: ReadonlySet<string>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => keys.has(key)));
}
