/** Elementary functions of one value: g · f′(x), from the output where that is cheaper. */
import { op, type Value } from '@rheobase/exporter';
import { add, div, masked, mul, neg, square, sub, unless } from '../../graph/arithmetic.js';
import { elementwise, type GradientRule } from '../rule.js';

/** A rule from the derivative of a function as a value of its argument x and its result y. */
function derivative(slope: (x: Value, y: Value) => Value): GradientRule {
  return elementwise((node, g) => [mul(g, slope(node.input(0), node.output))]);
}

/** A rule that divides: 1 / f′ is the simpler expression. */
function inverse(slope: (x: Value, y: Value) => Value): GradientRule {
  return elementwise((node, g) => [div(g, slope(node.input(0), node.output))]);
}

/** The gradient passes as it is. */
const same = elementwise((_, g) => [g]);

/** The gradient in the element type of the input. */
const cast = elementwise((node, g) => {
  const { dtype } = node.input(0);
  return [g.dtype === dtype ? g : op.cast(g, dtype)];
});

/** The result takes its elements, and so its gradient, from the first input alone. */
const clip = elementwise((node, g) => {
  const x = node.input(0);
  const low = node.optional(1);
  const high = node.optional(2);
  const isBelow = low && op.less(x, low);
  const isAbove = high && op.greater(x, high);
  const outside = isBelow && isAbove ? op.or(isBelow, isAbove) : (isBelow ?? isAbove);
  const inner = outside === undefined ? g : unless(outside, g);
  const bound = (index: number, mask: Value<'bool'> | undefined) =>
    node.wants(index) && mask !== undefined ? op.reduceSum(masked(mask, g), { keepdims: false }) : undefined;
  return [inner, bound(1, isBelow), bound(2, isAbove)];
});

export const ELEMENTARY: Readonly<Record<string, GradientRule>> = {
  Abs: derivative((x) => op.sign(x)),
  Acos: elementwise((node, g) => [neg(div(g, op.sqrt(sub(1, square(node.input(0))))))]),
  Acosh: inverse((x) => op.sqrt(sub(square(x), 1))),
  Asin: inverse((x) => op.sqrt(sub(1, square(x)))),
  Asinh: inverse((x) => op.sqrt(add(square(x), 1))),
  Atan: inverse((x) => add(square(x), 1)),
  Atanh: inverse((x) => sub(1, square(x))),
  Cast: cast,
  CastLike: cast,
  Clip: clip,
  Cos: elementwise((node, g) => [neg(mul(g, op.sin(node.input(0))))]),
  Cosh: derivative((x) => op.sinh(x)),
  Erf: derivative((x) => mul(op.exp(neg(square(x))), 2 / Math.sqrt(Math.PI))),
  Exp: derivative((_, y) => y),
  Identity: same,
  Log: inverse((x) => x),
  Neg: elementwise((_, g) => [neg(g)]),
  Reciprocal: elementwise((node, g) => [neg(mul(g, square(node.output)))]),
  Sin: derivative((x) => op.cos(x)),
  Sinh: derivative((x) => op.cosh(x)),
  Sqrt: elementwise((node, g) => [mul(div(g, node.output), 0.5)]),
  Tan: derivative((_, y) => add(square(y), 1)),
};
