/** Element types: a value as another one. */
import { makeValue } from '../builder/make-node.js';
import type { Value } from '../builder/value.js';
import * as schemas from '../generated/operators.js';
import type { DType } from '../tensor/index.js';
import { dtypeNumber } from './operand.js';

export interface CastOptions {
  /** Opset 19. Whether what a small float cannot hold becomes its largest number rather than infinite or NaN; default true. */
  readonly saturate?: boolean;
  /** Opset 25. How float8e8m0 is rounded; default 'up'. */
  readonly roundMode?: 'up' | 'down' | 'nearest';
}

/** x as another element type. Opset 1, in this form 25. */
export function cast<D extends DType>(x: Value, to: D, options: CastOptions = {}): Value<D> {
  const { saturate, roundMode } = options;
  return makeValue(schemas.Cast, [x], { to: dtypeNumber(to), saturate, round_mode: roundMode }, cast);
}
