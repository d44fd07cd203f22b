/**
 * Einsum: the gradient of an operand is an einsum again, of the output's gradient and the other operands, with the
 * operand's own subscripts as the result. An ellipsis is written out in letters that the equation does not use.
 */
import { op, type Value } from '@rheobase/exporter';
import { spreadTo, sumTo } from '../../graph/broadcast.js';
import { unsqueeze } from '../../graph/operators.js';
import { withShape } from '../../graph/values.js';
import { type Differentiated, type GradientRule, rule } from '../rule.js';

interface Subscripts {
  /** Letters of each operand. */
  readonly terms: readonly string[];
  readonly result: string;
}

const einsum = rule((node, g) => {
  const subscripts = subscriptsOf(node);
  return node.inputs.map((operand, index) =>
    node.wants(index) ? ofOperand(node, g, subscripts, index, operand) : undefined,
  );
});

function ofOperand(
  node: Differentiated,
  g: Value,
  { terms, result }: Subscripts,
  index: number,
  operand: Value,
): Value {
  const own = terms[index];
  const rest = terms.filter((_, other) => other !== index);
  if (new Set(own).size !== own.length)
    node.fail(`operand ${index} repeats a subscript (${own})`, 'take the diagonal apart');
  const available = result + rest.join('');
  const kept = [...own].filter((letter) => available.includes(letter)).join('');
  const others = node.inputs.filter((_, other) => other !== index);
  const product = op.einsum([g, ...others], { equation: `${[result, ...rest].join(',')}->${kept}` });
  if (kept === own) return withShape(sumTo(product, operand, product), operand.shape);
  // What this operand alone has was summed: every element along it counts the same.
  const summed = [...own].flatMap((letter, axis) => (kept.includes(letter) ? [] : [axis]));
  return spreadTo(unsqueeze(product, summed), operand);
}

/** The subscripts of each operand and of the result, which by default are the letters that occur once, in order. */
function subscriptsOf(node: Differentiated): Subscripts {
  const equation = node.text('equation', '').replaceAll(' ', '');
  const [left, right] = equation.split('->');
  const named = left.split(',');
  const letters = [...left.replaceAll(/[,.]/g, '')];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort();
  if (!equation.includes('...')) return { terms: named, result: right ?? once.join('') };
  const counts = named.map((term, index) => (term.includes('...') ? node.rankOf(index) - (term.length - 3) : 0));
  const free = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((letter) => !equation.includes(letter));
  const dots = free.slice(0, Math.max(...counts)).join('');
  // Axes of ellipses are aligned at their ends.
  const terms = named.map((term, index) => term.replace('...', dots.slice(dots.length - counts[index])));
  return { terms, result: (right ?? `...${once.join('')}`).replace('...', dots) };
}

export const EINSUM: Readonly<Record<string, GradientRule>> = { Einsum: einsum };
