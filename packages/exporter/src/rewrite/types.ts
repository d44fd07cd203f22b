/** Types of a model's values for rules that ask: inferred when the first one does, then kept. */
import { inferModelTypes, type ModelTypes } from '../analysis/model-types.js';
import type { Graph, LocalFunction, Model } from '../model/model.js';
import type { TypeLookup } from './scope.js';

export interface LazyTypes {
  graph(graph: Graph): TypeLookup;
  /** Inside a function the types depend on the call: nothing is known. */
  function(fn: LocalFunction): TypeLookup;
}

/** A model never changes, so neither do its types: rules that leave it as it is share them. */
const INFERRED = new WeakMap<Model, ModelTypes>();

export function modelTypes(model: Model): LazyTypes {
  const inferred = () => {
    const types = INFERRED.get(model) ?? inferModelTypes(model);
    INFERRED.set(model, types);
    return types;
  };
  return {
    graph: (graph) => (name) => inferred().typeOf(graph, name),
    function: () => () => undefined,
  };
}
