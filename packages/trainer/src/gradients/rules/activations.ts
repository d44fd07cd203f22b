/**
 * Every activation of ONNX. Formulas are those of the operators' specifications; at a kink the derivative is the one
 * of the branch that the specification puts the point in.
 */
import { op, type Value } from '@rheobase/exporter';
import { add, div, masked, mul, square, sub } from '../../graph/arithmetic.js';
import { sumTo } from '../../graph/broadcast.js';
import { scalarLike } from '../../graph/values.js';
import { type Differentiated, elementwise, type GradientRule } from '../rule.js';

/** Slope 1 where the condition holds, another one elsewhere. */
function piecewise(condition: (x: Value) => Value<'bool'>, otherwise: (node: Differentiated, x: Value) => Value) {
  return elementwise((node, g) => {
    const x = node.input(0);
    return [op.where(condition(x), g, mul(g, otherwise(node, x)))];
  });
}

const isPositive = (x: Value) => op.greater(x, 0);

const relu = elementwise((node, g) => [masked(op.greater(node.output, 0), g)]);

const thresholdedRelu = elementwise((node, g) => [masked(op.greater(node.input(0), node.float('alpha', 1)), g)]);

const leakyRelu = piecewise(
  (x) => op.greaterOrEqual(x, 0),
  (node, x) => scalarLike(x, node.float('alpha', 0.01)),
);

const prelu = elementwise((node, g) => {
  const [x, slope] = node.inputs;
  const isNegative = op.less(x, 0);
  return [
    node.wants(0) ? op.where(isNegative, mul(g, slope), g) : undefined,
    node.wants(1) ? sumTo(masked(isNegative, mul(g, x)), slope, node.output) : undefined,
  ];
});

/** For x ≤ 0: y = α(eˣ − 1), so y′ = y + α. */
const elu = piecewise(isPositive, (node) => add(node.output, node.float('alpha', 1)));

/** γ for x > 0; for x ≤ 0: y = γα(eˣ − 1), so y′ = y + γα. */
const selu = elementwise((node, g) => {
  const gamma = node.float('gamma', 1.0507009873554805);
  const alpha = node.float('alpha', 1.6732632423543772);
  const negative = add(node.output, gamma * alpha);
  return [mul(g, op.where(isPositive(node.input(0)), scalarLike(g, gamma), negative))];
});

/** For x ≤ 0: y = α(e^(x/α) − 1), so y′ = y/α + 1. */
const celu = piecewise(isPositive, (node) => add(div(node.output, node.float('alpha', 1)), 1));

const sigmoid = elementwise((node, g) => [mul(g, mul(node.output, sub(1, node.output)))]);

const tanh = elementwise((node, g) => [mul(g, sub(1, square(node.output)))]);

const softplus = elementwise((node, g) => [mul(g, op.sigmoid(node.input(0)))]);

const softsign = elementwise((node, g) => [div(g, square(add(op.abs(node.input(0)), 1)))]);

const hardSigmoid = elementwise((node, g) => {
  const y = node.output;
  const isSloped = op.and(op.greater(y, 0), op.less(y, 1));
  return [masked(isSloped, mul(g, node.float('alpha', 0.2)))];
});

/** x·h(x) with h = max(0, min(1, x/6 + 1/2)): slope 0 below −3, 1 above 3, x/3 + 1/2 between. */
const hardSwish = elementwise((node, g) => {
  const x = node.input(0);
  const inner = op.where(op.less(x, 3), add(mul(x, 1 / 3), 0.5), scalarLike(x, 1));
  return [mul(g, masked(op.greater(x, -3), inner))];
});

/** x·tanh(s) with s = ln(1 + eˣ): tanh(s) + x·(1 − tanh²(s))·σ(x). */
const mish = elementwise((node, g) => {
  const x = node.input(0);
  const t = op.tanh(op.softplus(x));
  return [mul(g, add(t, mul(mul(x, sub(1, square(t))), op.sigmoid(x))))];
});

/** x·σ(αx): σ + αx·σ·(1 − σ). */
const swish = elementwise((node, g) => {
  const alpha = node.float('alpha', 1);
  const scaled = mul(node.input(0), alpha);
  const s = op.sigmoid(scaled);
  return [mul(g, mul(s, add(mul(scaled, sub(1, s)), 1)))];
});

/** x·Φ(x): Φ(x) + x·φ(x); in the tanh approximation, its own derivative. */
const gelu = elementwise((node, g) => {
  const x = node.input(0);
  const slope = node.text('approximate', 'none') === 'tanh' ? geluTanhSlope(x) : geluSlope(x);
  return [mul(g, slope)];
});

function geluSlope(x: Value): Value {
  const cdf = mul(add(op.erf(mul(x, Math.SQRT1_2)), 1), 0.5);
  const density = mul(op.exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(cdf, mul(x, density));
}

/** y = x/2·(1 + tanh u), u = √(2/π)·(x + 0.044715x³). */
function geluTanhSlope(x: Value): Value {
  const c = Math.sqrt(2 / Math.PI);
  const x2 = square(x);
  const t = op.tanh(mul(mul(x, add(mul(x2, 0.044715), 1)), c));
  const inner = mul(add(mul(x2, 3 * 0.044715), 1), c);
  const bend = mul(mul(x, sub(1, square(t))), inner);
  return mul(add(add(t, 1), bend), 0.5);
}

/** x ± bias outside [−λ, λ], 0 inside. */
const shrink = elementwise((node, g) => {
  const isOutside = op.greater(op.abs(node.input(0)), node.float('lambd', 0.5));
  return [masked(isOutside, g)];
});

export const ACTIVATIONS: Readonly<Record<string, GradientRule>> = {
  Celu: celu,
  Elu: elu,
  Gelu: gelu,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  LeakyRelu: leakyRelu,
  Mish: mish,
  PRelu: prelu,
  Relu: relu,
  Selu: selu,
  Shrink: shrink,
  Sigmoid: sigmoid,
  Softplus: softplus,
  Softsign: softsign,
  Swish: swish,
  Tanh: tanh,
  ThresholdedRelu: thresholdedRelu,
};
