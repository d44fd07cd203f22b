/** Small float constants of a graph as numbers. */
import { isFloat } from '@rheobase/exporter/tensor';
import { asFloats } from '../calibration/index.js';
import type { Scope } from '../lowerings/scope.js';

/** Undefined where the value is no float constant whose elements are in memory. */
export function constantNumbers(name: string, scope: Scope): readonly number[] | undefined {
  const tensor = scope.tensor(name);
  return tensor !== undefined && isFloat(tensor.dtype) ? Array.from(asFloats(name, tensor)) : undefined;
}

/** True for constants that are zero everywhere. */
export function isZero(name: string, scope: Scope): boolean {
  return constantNumbers(name, scope)?.every((number) => number === 0) ?? false;
}
