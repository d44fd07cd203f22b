/** The same elements in another shape or order. */

import { makeValue } from '../builder/make-node.js';
import type { Value } from '../builder/value.js';
import * as schemas from '../generated/operators.js';
import type { DType } from '../tensor/index.js';

/** Another shape: 0 copies the extent at its place, one −1 takes what is left. */
export function reshape<D extends DType>(x: Value<D>, shape: Value<'int64'> | readonly number[]): Value<D> {
  return makeValue(schemas.Reshape, [x, shape]) as Value<D>;
}

/** A matrix: the extents before `axis` (default 1) and from it on. */
export function flatten<D extends DType>(x: Value<D>, { axis }: { axis?: number } = {}): Value<D> {
  return makeValue(schemas.Flatten, [x], { axis }) as Value<D>;
}

/** The axes in the order of `perm`; reversed by default. */
export function transpose<D extends DType>(x: Value<D>, { perm }: { perm?: readonly number[] } = {}): Value<D> {
  return makeValue(schemas.Transpose, [x], { perm }) as Value<D>;
}
