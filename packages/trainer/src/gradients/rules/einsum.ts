/**
 * Einsum: the gradient of an operand is an einsum again, of the output's gradient and the other operands, with the
 * operand's own subscripts as the result.
 */
import { op, type Value } from '@rheobase/exporter';
import { withShape } from '../../graph/values.js';
import { type Differentiated, type GradientRule, rule } from '../rule.js';

const einsum = rule((node, g) => {
  const { terms, result } = subscripts(node);
  return node.inputs.map((operand, index) =>
    node.wants(index) ? ofOperand(node, g, terms, result, index, operand) : undefined,
  );
});

function ofOperand(
  node: Differentiated,
  g: Value,
  terms: readonly string[],
  result: string,
  index: number,
  operand: Value,
): Value {
  const own = terms[index];
  const rest = terms.filter((_, other) => other !== index);
  const available = result + rest.join('');
  if (new Set(own).size !== own.length) node.fail(`operand ${index} repeats a subscript (${own})`);
  const summed = [...own].find((letter) => !available.includes(letter));
  if (summed !== undefined)
    node.fail(`subscript ${summed} is in operand ${index} alone`, 'sum that axis by ReduceSum first');
  const others = node.inputs.filter((_, other) => other !== index);
  const equation = `${[result, ...rest].join(',')}->${own}`;
  return withShape(op.einsum([g, ...others], { equation }), operand.shape);
}

/** The subscripts of each operand and of the result, which by default are the letters that occur once, in order. */
function subscripts(node: Differentiated): { terms: readonly string[]; result: string } {
  const equation = node.text('equation', '').replaceAll(' ', '');
  if (equation.includes('.')) node.fail('an equation with an ellipsis has no gradient', 'name every axis');
  const [left, right] = equation.split('->');
  const letters = [...left.replaceAll(',', '')];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort();
  return { terms: left.split(','), result: right ?? once.join('') };
}

export const EINSUM: Readonly<Record<string, GradientRule>> = { Einsum: einsum };
