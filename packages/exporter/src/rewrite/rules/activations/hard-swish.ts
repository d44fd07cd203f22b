/**
 * HardSwish, x · clip(x + 3, 0, 6) / 6, as MobileNetV3 writes it. Howard et al. 2019, "Searching for MobileNetV3".
 * ai.onnx has HardSwish since opset 14.
 */
import { attributeIs, exactly, near, single } from '../../conditions.js';
import { any, constant, either, op, product } from '../../pattern.js';
import { rule } from '../../rule.js';

const x = any('x');
const shifted = op('Add', [x, constant('three', single(exactly(3)))]);
const zero = constant('zero', single(exactly(0)));
const six = constant('six', single(exactly(6)));
const relu6 = either(
  op('Clip', [shifted, zero, six]),
  op('Min', [either(op('Relu', [shifted]), op('Max', [shifted, zero])), six]),
  op('Max', [op('Min', [shifted, six]), zero]),
);

export const hardSwish = rule({
  name: 'hard-swish',
  pattern: either(
    product([x, relu6], near(1 / 6)),
    product(
      [x, op('HardSigmoid', [x], { attributes: { alpha: attributeIs(1 / 6, 0.2), beta: attributeIs(0.5, 0.5) } })],
      exactly(1),
    ),
  ),
  requires: 'x times the clipped x + 3, divided by 6, or x times HardSigmoid(x, 1/6, 0.5)',
  ensures: 'HardSwish(x)',
  bound: { absolute: 1e-6, relative: 1e-5, except: '-Inf gives NaN or 0 by the provider' },
  opset: 14,
  replace: (match, build) => build.op('HardSwish', [match.value('x')]),
});
