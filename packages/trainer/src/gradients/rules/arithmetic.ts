/** Sums, products, quotients, powers and extrema of operands that broadcast together. */
import { op, type Value } from '@rheobase/exporter';
import { div, masked, mul, neg, square, sub, unless } from '../../graph/arithmetic.js';
import { sumTo } from '../../graph/broadcast.js';
import { scalarLike, scalarNumber } from '../../graph/values.js';
import { type Differentiated, elementwise, type GradientRule } from '../rule.js';

/** The partial gradients of operands that are wanted, each summed back to its operand's shape. */
function partials(node: Differentiated, parts: readonly (() => Value | undefined)[]): (Value | undefined)[] {
  return parts.map((part, index) => {
    const gradient = node.wants(index) ? part() : undefined;
    return gradient && sumTo(gradient, node.input(index), node.output);
  });
}

const add = elementwise((node, g) => partials(node, [() => g, () => g]));

const subtract = elementwise((node, g) => partials(node, [() => g, () => neg(g)]));

const multiply = elementwise((node, g) => partials(node, [() => mul(g, node.input(1)), () => mul(g, node.input(0))]));

const divide = elementwise((node, g) => {
  const [, b] = node.inputs;
  return partials(node, [() => div(g, b), () => neg(div(mul(g, node.output), b))]);
});

/** d aᵇ = b·aᵇ⁻¹ da + aᵇ·ln a db. At a = 0 the second is 0, as the limit for b > 0. */
const power = elementwise((node, g) => {
  const [a, b] = node.inputs;
  const isPositive = () => op.greater(a, 0);
  return partials(node, [
    () => mul(g, powerSlope(node, a, b)),
    () => mul(g, masked(isPositive(), mul(node.output, op.log(a)))),
  ]);
});

function powerSlope({ output }: Differentiated, a: Value, b: Value): Value {
  const exponent = scalarNumber(b);
  if (exponent === 1) return b;
  if (exponent === 2) return mul(a, 2);
  if (exponent === 3) return mul(square(a), 3);
  if (exponent === 0.5) return div(op.reciprocal(output), 2);
  if (exponent === -1) return neg(square(output));
  const lowered = exponent === undefined ? op.pow(a, sub(b, scalarLike(b, 1))) : op.pow(a, exponent - 1);
  return exponent === undefined ? mul(lowered, b) : mul(lowered, exponent);
}

/** a − b·⌊a/b⌋, or truncated towards zero with fmod: whole multiples do not change along the way. */
const remainder = elementwise((node, g) => {
  const [a, b] = node.inputs;
  const multiples = () => op.div(op.sub(a, node.output), b);
  return partials(node, [() => g, () => neg(mul(g, op.round(multiples())))]);
});

/** Any number of operands: each has the gradient of the sum. */
const sum = elementwise((node, g) =>
  partials(
    node,
    node.inputs.map(() => () => g),
  ),
);

const mean = elementwise((node, g) => {
  const share = div(g, node.inputs.length);
  return partials(
    node,
    node.inputs.map(() => () => share),
  );
});

/** The first wanted operand that is the extremum takes the gradient, so that ties count once. */
const extremum = elementwise((node, g) => {
  let left: Value = g;
  return partials(
    node,
    node.inputs.map((operand, index) => () => {
      const isIt = op.equal(operand, node.output);
      const own = masked(isIt, left);
      if (index + 1 < node.inputs.length) left = unless(isIt, left);
      return own;
    }),
  );
});

const where = elementwise((node, g) => {
  const condition = node.input(0) as Value<'bool'>;
  const none = (): undefined => undefined;
  return partials(node, [none, () => masked(condition, g), () => unless(condition, g)]);
});

export const ARITHMETIC: Readonly<Record<string, GradientRule>> = {
  Add: add,
  Sub: subtract,
  Mul: multiply,
  Div: divide,
  Pow: power,
  Sum: sum,
  Mean: mean,
  Max: extremum,
  Min: extremum,
  Mod: remainder,
  Where: where,
};
