/**
 * Checks a model: its structure, names, order, operators, attributes, types and shapes, and for given targets whether
 * their providers run every node. One rule a fault, each in its own file under rules/.
 */
import { inferModelTypes, type TypeProblem } from '../analysis/model-types.js';
import type { Model } from '../model/model.js';
import { nodeName } from '../model/queries.js';
import { bodiesOf } from './bodies.js';
import type { Checked, CheckRule, Problem } from './check-rule.js';
import { arity } from './rules/arity.js';
import { attributes } from './rules/attributes.js';
import { functions } from './rules/functions.js';
import { danglingNames, duplicateNames, missingOutputs } from './rules/names.js';
import { opset } from './rules/opset.js';
import { cycles, order } from './rules/order.js';
import { placement } from './rules/placement.js';
import { structure } from './rules/structure.js';
import { subgraphs } from './rules/subgraphs.js';
import { externalData, initializerData } from './rules/tensors.js';
import { shapes, types } from './rules/types.js';
import { deadNodes, unusedFunctions, unusedInitializers } from './rules/unused.js';

const RULES: readonly CheckRule[] = [
  ...[structure, opset, functions, arity, attributes, subgraphs],
  ...[danglingNames, missingOutputs, duplicateNames, cycles, order],
  ...[types, shapes, initializerData, externalData],
  ...[unusedInitializers, deadNodes, unusedFunctions],
];

export interface CheckOptions {
  /** Backends (`node/webgpu`) whose placement of every node is looked up in the measured table. */
  readonly targets?: readonly string[];
}

/** All problems of a model, errors first. An empty list: nothing found. */
export function checkModel(model: Model, { targets = [] }: CheckOptions = {}): Problem[] {
  const typeProblems: TypeProblem[] = [];
  const bodies = bodiesOf(model);
  const modelTypes = inferModelTypes(model, (problem) => typeProblems.push(problem));
  const checked: Checked = { model, bodies, types: modelTypes, typeProblems };
  const problems = [...RULES, placement(targets)].flatMap(({ name, check }) =>
    Array.from(check(checked), ({ severity, node, message }): Problem => {
      return { severity, rule: name, node: node && nodeName(node), message };
    }),
  );
  return problems.sort((a, b) => rank(a) - rank(b));
}

function rank({ severity }: Problem): number {
  return severity === 'error' ? 0 : 1;
}
