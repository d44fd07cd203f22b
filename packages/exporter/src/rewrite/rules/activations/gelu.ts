/**
 * GELU, x · Φ(x), spelled out with Erf, or approximated with Tanh. Hendrycks, Gimpel 2016, "Gaussian error linear
 * units". ai.onnx has Gelu since opset 20.
 */
import { text } from '../../../analysis/node-attributes.js';
import { exactly, near, single } from '../../conditions.js';
import { any, constant, either, op, product } from '../../pattern.js';
import { rule } from '../../rule.js';

const x = any('x');
const one = constant('one', single(exactly(1)));
const BOUND = { absolute: 1e-5, relative: 1e-5, except: '-Inf may give NaN in one form and 0 in the other' };

/** 0.5 · x · (1 + erf(x / √2)). */
export const geluErf = rule({
  name: 'gelu-erf',
  pattern: product([x, op('Add', [one, op('Erf', [product([x], near(Math.SQRT1_2))])])], near(0.5)),
  requires: '0.5 x (1 + erf(x / sqrt 2)), the factors in any order',
  ensures: 'Gelu(x)',
  bound: BOUND,
  opset: 20,
  replace: (match, build) => build.op('Gelu', [match.value('x')]),
});

const cube = either(
  product([op('Pow', [x, constant('three', single(exactly(3)))])], near(0.044715)),
  product([x, x, x], near(0.044715)),
);
const square = either(
  product([op('Pow', [x, constant('two', single(exactly(2)))])], near(0.044715)),
  product([x, x], near(0.044715)),
);
const SCALE = near(Math.sqrt(2 / Math.PI));
const inner = either(
  product([op('Add', [x, cube])], SCALE),
  product([x, op('Add', [constant('unit', single(exactly(1))), square])], SCALE),
);

/** 0.5 · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))). */
export const geluTanh = rule({
  name: 'gelu-tanh',
  pattern: product([x, op('Add', [one, op('Tanh', [inner])])], near(0.5)),
  requires: '0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), the factors in any order',
  ensures: "Gelu(x, approximate = 'tanh')",
  bound: BOUND,
  opset: 20,
  replace: (match, build) => build.op('Gelu', [match.value('x')], [text('approximate', 'tanh')]),
});
