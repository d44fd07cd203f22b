/**
 * SiLU, x · σ(x), and with a factor inside (x · σ(1.702 x), "quick GELU"): Swish, which ai.onnx has since opset 24.
 * Elfwing, Uchibe, Doya 2018, "Sigmoid-weighted linear units".
 */
import { float } from '../../../analysis/node-attributes.js';
import { exactly, single } from '../../conditions.js';
import { any, constant, either, op, product } from '../../pattern.js';
import { rule } from '../../rule.js';

const x = any('x');
const one = constant('one', single(exactly(1)));
const argument = either(
  x,
  product([x], () => true, 'alpha'),
);
const reciprocal = op('Add', [one, op('Exp', [op('Neg', [x])])]);

export const silu = rule({
  name: 'silu',
  pattern: either(
    product([x, op('Sigmoid', [argument])], exactly(1)),
    op('Div', [x, reciprocal]),
    product([x, op('Div', [one, reciprocal])], exactly(1)),
  ),
  requires: 'x times the sigmoid of x, or of a multiple of x',
  ensures: 'Swish(x, alpha)',
  bound: { absolute: 1e-6, relative: 1e-5, except: '-Inf may give NaN in one form and 0 in the other' },
  opset: 24,
  replace: (match, build) => {
    const alpha = match.has('alpha') ? match.number('alpha') : 1;
    return build.op('Swish', [match.value('x')], alpha === 1 ? [] : [float('alpha', alpha)]);
  },
});
