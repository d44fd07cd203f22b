/**
 * The canonical lowering: Where(gate, f(x), 0). Where picks, it does not compute: a silent neuron is +0 whatever f(x)
 * is, on every provider.
 *
 * One value needs care, a firing −0. ONNX Runtime's CPU kernel (and so WASM) takes the first branch where it is not
 * zero and else the second, which turns −0 of the first branch into +0; WebGPU keeps it. In the second branch both
 * keep it, so where f(x) may be −0 the branches change places: Where(silent, 0, f(x)). The mask `silent` is an Equal to
 * zero, because a Not would be optimised away by exchanging the branches back.
 *
 * For f = relu no Relu node is needed, and none is wanted, because providers differ on Relu of NaN, −0 and denormals.
 * Relu keeps x > 0 and makes all else +0, so a neuron shows x where it fires and x > 0:
 *
 *     x > θ, |x| > θ    x > 0 and x > θ   =  x > max(θ, 0)    (for x > 0, |x| is x)
 *     x ≥ θ, θ > 0      x ≥ θ                                 (unless θ is a denormal, which a GPU may take for zero)
 *     x ≥ θ, θ ≤ 0      x > 0                                 (x ≥ 0 would let −0 through)
 *
 * max(θ, 0) must keep a NaN: such a θ fires nothing, and Max is not sure to keep it on every provider. A θ below zero
 * is therefore replaced by a Where of its own. A θ that is only known at run time, or is on both sides of zero, leaves
 * for x ≥ θ the two questions asked one after the other.
 */
import { constant } from '../../builder/constant.js';
import type { Value } from '../../builder/value.js';
import * as op from '../../op/index.js';
import { applyActivation, resolveActivation } from '../activations.js';
import { type FloatDType, floatTensor } from '../float-dtype.js';
import { activationName, type Gate, mask } from '../gate.js';
import type { Theta } from '../theta.js';

export function whereLowering<D extends FloatDType>(gate: Gate<D>): Value<D> {
  if (activationName(gate.activation) === 'relu') return rectified(gate);
  const fired = applyActivation(gate.x, gate.activation);
  if (!mayFireNegativeZero(gate)) return orZero(mask(gate), fired);
  const silent = op.equal(op.cast(mask(gate), 'float32'), 0).named('silent');
  return op.where(silent, constant(0, fired.dtype), fired);
}

/** x where the mask holds, +0 elsewhere; x is not −0 there. */
function orZero<D extends FloatDType>(mask: Value<'bool'>, x: Value<D>): Value<D> {
  return op.where(mask, x, 0);
}

/** Whether f(x) of a firing neuron can be −0. It cannot where x > 0 and f keeps positive numbers from −0. */
function mayFireNegativeZero({ theta: { fixed }, activation, comparison }: Gate): boolean {
  if (fixed === undefined || typeof activation === 'function') return true;
  const { name, row, parameters } = resolveActivation(activation);
  // A NaN among the thresholds fires nothing.
  if (comparison === 'greaterOrEqual' ? fixed.some((theta) => theta <= 0) : fixed.some((theta) => theta < 0))
    return true;
  if (comparison === 'magnitude') return name !== 'identity';
  return !row.positiveFromPositive(parameters);
}

function rectified<D extends FloatDType>(gate: Gate<D>): Value<D> {
  const { x, theta, comparison } = gate;
  if (comparison !== 'greaterOrEqual') {
    return orZero(op.greater(x, atLeastZero(theta)).named('fires'), x);
  }
  const { fixed } = theta;
  if (fixed?.every((value) => !(value < SMALLEST_NORMAL[x.dtype]))) return orZero(mask(gate), x);
  const positive = op.greater(x, 0);
  if (fixed?.every((value) => value <= 0)) return orZero(positive.named('fires'), x);
  return orZero(mask(gate), orZero(positive, x));
}

const SMALLEST_NORMAL: Readonly<Record<FloatDType, number>> = {
  float16: 2 ** -14,
  bfloat16: 2 ** -126,
  float32: 2 ** -126,
  float64: 2 ** -1022,
};

/** max(θ, 0), a NaN kept (JavaScript's Math.max does). */
function atLeastZero<D extends FloatDType>({ value, fixed }: Theta<D>): Value<D> {
  if (fixed === undefined) return op.where(op.less(value, 0), constant(0, value.dtype), value);
  if (!fixed.some((theta) => theta < 0)) return value;
  // A θ that is fixed has a fixed shape.
  const shape = (value.shape ?? []).map(Number);
  const raised = floatTensor(
    value.dtype,
    shape,
    fixed.map((theta) => Math.max(theta, 0)),
  );
  return constant(raised, 'theta') as Value<FloatDType> as Value<D>;
}
