/** Graph inputs: what a caller feeds on every run. */
import { badInput } from '../errors.js';
import type { Shape } from '../model/model.js';
import type { DType } from '../tensor/index.js';
import { CallSite } from './call-site.js';
import { Value } from './value.js';

/**
 * A graph input. A dimension is a number, the name of one that is chosen at run time (`'batch'`), or null for any;
 * the shape null stands for any rank.
 */
export function input<D extends DType>(name: string, dtype: D, shape: Shape): Value<D> {
  if (name === '') throw badInput('an input needs a name');
  const bad = shape?.find((dim) => typeof dim === 'number' && (!Number.isSafeInteger(dim) || dim < 0));
  if (bad !== undefined) throw badInput(`input '${name}' has the extent ${bad}`);
  return new Value<D>({ kind: 'tensor', dtype, shape }, { kind: 'input', name, site: new CallSite() }, name);
}
