/**
 * Where(Not(m), a, b) is Where(m, b, a). In ONNX; ONNX Runtime's CPU kernel turns −0 of the first branch into +0 (and
 * its optimiser exchanges the branches like this itself).
 */
import { any, op } from '../../pattern.js';
import { rule } from '../../rule.js';

export const swappedBranches = rule({
  name: 'swapped-branches',
  pattern: op('Where', [op('Not', [any('mask')]), any('a'), any('b')]),
  requires: 'a Where whose condition is negated',
  ensures: 'the same Where with its branches swapped and no Not',
  bound: { absolute: 0, relative: 0, except: 'the sign of a -0 that moves to the first branch' },
  replace: (match, build) => build.op('Where', [match.value('mask'), match.value('b'), match.value('a')]),
});
