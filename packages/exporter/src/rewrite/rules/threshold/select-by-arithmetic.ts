/** A choice written as a sum: Cast(mask) · a + (1 − Cast(mask)) · b. */
import { exactly, single } from '../../conditions.js';
import { any, constant, either, op } from '../../pattern.js';
import { rule } from '../../rule.js';
import { mask } from './mask.js';

const chosen = op('Cast', [mask]);
const notChosen = either(op('Sub', [constant('one', single(exactly(1))), chosen]), op('Cast', [op('Not', [mask])]));

export const selectByArithmetic = rule({
  name: 'select-by-arithmetic',
  pattern: op('Add', [op('Mul', [chosen, any('a')]), op('Mul', [notChosen, any('b')])]),
  requires: 'a comparison cast to numbers, times one value, plus its complement times another',
  ensures: 'Where(mask, a, b)',
  bound: {
    absolute: 0,
    relative: 0,
    except: 'NaN and infinities of the value that is not chosen no longer come through; signs of zeros may differ',
  },
  opset: 9,
  replace: (match, build) => build.op('Where', [match.value('mask'), match.value('a'), match.value('b')]),
});
