/** A mask without comparison: Clip(Sign(x − θ), 0, 1) or Relu(Sign(x − θ)), multiplied with what it gates. */
import { exactly, single } from '../../conditions.js';
import { any, constant, either, op } from '../../pattern.js';
import { rule } from '../../rule.js';

const sign = op('Sign', [op('Sub', [any('x'), constant('theta')])]);
const fires = either(
  op('Clip', [sign, constant('low', single(exactly(0))), constant('high', single(exactly(1)))]),
  op('Relu', [sign]),
);

export const signMask = rule({
  name: 'sign-mask',
  pattern: op('Mul', [any('f'), fires]),
  requires: 'the positive part of Sign(x - theta), times a value',
  ensures: 'Where(x > theta, f, 0)',
  bound: {
    absolute: 0,
    relative: 0,
    except: 'silent neurons are +0 where they were -0 or NaN, firing ones may lose the sign of -0; theta is finite',
  },
  opset: 9,
  replace: (match, build) => {
    const theta = match.value('theta');
    const greater = build.op('Greater', [match.value('x'), theta]);
    return build.op('Where', [greater, match.value('f'), build.scalar(match.tensor('theta').dtype, 0)]);
  },
});
