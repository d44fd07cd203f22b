/**
 * A model for fixed values of some inputs: they become constants, what follows from them is computed beforehand, and
 * branches they decide are put in the place of their If. Models that serve several cases (a sampling rate, with or without
 * a cache) keep their networks inside such branches, where nothing outside can watch an activation.
 */
import {
  applyRules,
  badInput,
  graphRule,
  initializer,
  inlineBranches,
  type Model,
  type Node,
  rules,
} from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';
import type { Scope } from './lowerings/scope.js';

/** @throws RheobaseError `bad-input` where the model has no such input. */
export function fixInputs(model: Model, fixed: Feeds): Model {
  const { graph } = model;
  for (const name of Object.keys(fixed)) {
    if (graph.inputs.some((input) => input.name === name)) continue;
    throw badInput(`the model has no input '${name}'`, {
      remedy: `choose from ${graph.inputs.map((input) => input.name).join(', ')}`,
    });
  }
  const inputs = graph.inputs.filter(({ name }) => !(name in fixed));
  const constants = Object.entries(fixed).map(([name, value]) => initializer(name, value));
  const initializers = [...graph.initializers.filter(({ name }) => !(name in fixed)), ...constants];
  const constant = { ...model, graph: { ...graph, inputs, initializers } };
  return applyRules(constant, [...rules.cleanup, decidedBranches]).model;
}

/** An If whose condition is constant gives way to the nodes of the branch taken. */
const decidedBranches = graphRule({
  name: 'decided-branches',
  requires: 'an If whose condition is a constant',
  ensures: 'the nodes of the branch in its place',
  bound: 'bit-equal',
  run: (scope) => {
    const { graph } = scope;
    const decide = (node: Node) => conditionOf(node, scope);
    const flat = inlineBranches(graph, decide);
    const left = new Set(flat.nodes);
    const applied = flat === graph ? [] : graph.nodes.filter((node) => node.opType === 'If' && !left.has(node));
    return { graph: flat, applied, rejected: [] };
  },
});

function conditionOf({ inputs: [name = ''] }: Node, scope: Scope): boolean | undefined {
  const value: Tensor | undefined = scope.tensor(name);
  return value?.dtype === 'bool' ? (value.data as Uint8Array)[0] !== 0 : undefined;
}
