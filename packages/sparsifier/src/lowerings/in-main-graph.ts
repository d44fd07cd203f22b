/** A look at the main graph of a model with its types and constants, which changes nothing. */
import { applyRules, graphRule, type Model } from '@rheobase/exporter';
import { NewConstants } from './new-constants.js';
import type { Scope } from './scope.js';

export function inMainGraph<T>(
  model: Model,
  look: (scope: Scope, constants: NewConstants) => readonly T[],
): readonly T[] {
  let found: readonly T[] = [];
  const rule = graphRule({
    name: 'look',
    requires: 'nothing',
    ensures: 'nothing',
    bound: 'bit-equal',
    run: (scope, names) => {
      if (scope.outer === null) found = look(scope, new NewConstants(names));
      return { graph: scope.graph, applied: [], rejected: [] };
    },
  });
  applyRules({ ...model, functions: [] }, [rule]);
  return found;
}
