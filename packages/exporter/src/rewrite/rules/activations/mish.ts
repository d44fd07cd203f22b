/** Mish, x · tanh(softplus(x)), which ai.onnx has since opset 18. Misra 2019, "Mish: a self regularized non-monotonic activation function". */
import { exactly, single } from '../../conditions.js';
import { any, constant, either, op, product } from '../../pattern.js';
import { rule } from '../../rule.js';

const x = any('x');
const one = constant('one', single(exactly(1)));
const softplus = either(op('Softplus', [x]), op('Log', [op('Add', [one, op('Exp', [x])])]));

export const mish = rule({
  name: 'mish',
  pattern: product([x, op('Tanh', [softplus])], exactly(1)),
  requires: 'x times the hyperbolic tangent of softplus(x)',
  ensures: 'Mish(x)',
  bound: { absolute: 1e-6, relative: 1e-5, except: '-Inf gives NaN or 0, and log(1 + exp(x)) overflows for large x' },
  opset: 18,
  replace: (match, build) => build.op('Mish', [match.value('x')]),
});
