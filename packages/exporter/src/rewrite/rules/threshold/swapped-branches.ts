/** Where(Not(m), a, b) is Where(m, b, a). */
import { any, op } from '../../pattern.js';
import { rule } from '../../rule.js';

export const swappedBranches = rule({
  name: 'swapped-branches',
  pattern: op('Where', [op('Not', [any('mask')]), any('a'), any('b')]),
  requires: 'a Where whose condition is negated',
  ensures: 'the same Where with its branches swapped and no Not',
  bound: 'bit-equal',
  replace: (match, build) => build.op('Where', [match.value('mask'), match.value('b'), match.value('a')]),
});
