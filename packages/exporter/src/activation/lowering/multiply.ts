/**
 * f(x) · Cast(gate): how many exporters write a threshold, and what runtimes run whose Where is slow. Never exact: a
 * product computes where Where picks, so a silent NaN or infinity gives NaN and a silent negative number −0.
 */
import type { Value } from '../../builder/value.js';
import * as op from '../../op/index.js';
import { applyActivation } from '../activations.js';
import type { FloatDType } from '../float-dtype.js';
import { type Gate, mask } from '../gate.js';

export const MULTIPLY_OBSTACLE = 'a silent NaN or infinity gives NaN, a silent negative number -0';

export function multiplyLowering<D extends FloatDType>(gate: Gate<D>): Value<D> {
  return op.mul(applyActivation(gate.x, gate.activation), op.cast(mask(gate), gate.x.dtype));
}
