/** Types of a model's values for rules that ask: inferred when the first one does, then kept. */
import { inferModelTypes, type ModelTypes } from '../analysis/model-types.js';
import type { Graph, LocalFunction, Model } from '../model/model.js';
import type { TypeLookup } from './scope.js';

export interface LazyTypes {
  graph(graph: Graph): TypeLookup;
  /** Inside a function the types depend on the call: nothing is known. */
  function(fn: LocalFunction): TypeLookup;
}

export function modelTypes(model: Model): LazyTypes {
  let inferred: ModelTypes | undefined;
  return {
    graph: (graph) => (name) => {
      inferred ??= inferModelTypes(model);
      return inferred.typeOf(graph, name);
    },
    function: () => () => undefined,
  };
}
