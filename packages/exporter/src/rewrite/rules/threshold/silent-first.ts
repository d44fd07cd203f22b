/** Where(x ≤ θ, 0, f): the silent case first. Turned round so that NaN, which compares false, is silent. */
import { every, positiveZero } from '../../conditions.js';
import { any, constant, op } from '../../pattern.js';
import { rule } from '../../rule.js';

const OPPOSITE: Readonly<Record<string, string>> = { LessOrEqual: 'Greater', Less: 'GreaterOrEqual' };

export const silentFirst = rule({
  name: 'silent-first',
  pattern: op('Where', [
    op(Object.keys(OPPOSITE), [any('x'), any('theta')], { as: 'comparison' }),
    constant('zero', every(positiveZero)),
    any('f'),
  ]),
  requires: 'a Where that gives 0 where x is below the threshold',
  ensures: 'Where(x > theta, f, 0)',
  bound: {
    absolute: 0,
    relative: 0,
    except: 'where x is NaN the result is 0 instead of f; a firing -0 may lose its sign',
  },
  opset: 9,
  when: (match) => {
    const strict = match.node('comparison').opType === 'LessOrEqual';
    const { opset } = match.scope;
    return strict || opset >= 12 || `GreaterOrEqual came with opset 12, the model imports ${opset}`;
  },
  replace: (match, build) => {
    const opType = OPPOSITE[match.node('comparison').opType];
    const fires = build.op(opType, [match.value('x'), match.value('theta')]);
    return build.op('Where', [fires, match.value('f'), match.value('zero')]);
  },
});
