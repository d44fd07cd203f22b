/** Split: as many outputs as there are parts. */
import { makeNode } from '../builder/make-node.js';
import { Value } from '../builder/value.js';
import { badInput } from '../errors.js';
import * as schemas from '../generated/operators.js';
import type { DType } from '../tensor/index.js';

export type SplitOptions = {
  /** Default 0. */
  readonly axis?: number;
} & (
  | {
      /** The number of parts, of equal size but for the last, which may be smaller. */
      readonly numOutputs: number;
      readonly split?: undefined;
    }
  | {
      /** The size of each part. A value of unknown extent needs `numOutputs` as well. */
      readonly split: Value<'int64'> | readonly number[];
      readonly numOutputs?: number;
    }
);

/** Parts of x along an axis. Opset 1, in this form 18. */
export function split<D extends DType>(x: Value<D>, { axis, split: sizes, numOutputs }: SplitOptions): Value<D>[] {
  const outputs = numOutputs ?? partsOf(sizes);
  if (outputs === undefined) {
    throw badInput('Split: the number of parts is not known', { remedy: 'give numOutputs' });
  }
  const attributes = { axis, num_outputs: sizes === undefined ? outputs : undefined };
  return makeNode(schemas.Split, [x, sizes], attributes, { outputs, calledBy: split }) as Value<D>[];
}

function partsOf(sizes: SplitOptions['split']): number | undefined {
  if (!(sizes instanceof Value)) return sizes?.length;
  const count = sizes.shape?.[0];
  return typeof count === 'number' ? count : undefined;
}
