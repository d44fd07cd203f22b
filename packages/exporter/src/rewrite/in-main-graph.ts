/** A look at the main graph of a model as rules see it, with its types and constants, which changes nothing. */
import type { Model } from '../model/model.js';
import { ModelNames } from './names.js';
import type { FreshNames } from './rule.js';
import { Scope } from './scope.js';
import { modelTypes } from './types.js';

/** Answers what `look` does; it may ask for names that the model does not have yet. */
export function inMainGraph<T>(model: Model, look: (scope: Scope, names: FreshNames) => T): T {
  const { graph, opsets } = model;
  return look(new Scope(graph, opsets, null, modelTypes(model).graph(graph)), new ModelNames(model));
}
