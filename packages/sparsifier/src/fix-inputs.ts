/**
 * A model for fixed values of some inputs: they become constants, what follows from them is computed beforehand, and
 * branches they decide are put in the place of their If. Models that serve several cases (a sampling rate, with or without
 * a cache) keep their networks inside such branches, where nothing outside can watch an activation.
 */
import {
  applyRules,
  badInput,
  type Graph,
  graphRule,
  initializer,
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
    const decided = graph.nodes.find(
      (node) => node.opType === 'If' && node.domain === '' && conditionOf(node, scope) !== undefined,
    );
    const branch = decided === undefined ? undefined : branchTaken(decided, scope);
    if (decided === undefined || branch === undefined) return { graph, applied: [], rejected: [] };
    const nodes = graph.nodes.flatMap((node) => (node === decided ? inlined(node, branch) : [node]));
    const initializers = [...graph.initializers, ...branch.initializers];
    const valueInfo = [...graph.valueInfo, ...branch.valueInfo];
    return { graph: { ...graph, nodes, initializers, valueInfo }, applied: [decided], rejected: [] };
  },
});

function conditionOf({ inputs: [name = ''] }: Node, scope: Scope): boolean | undefined {
  const value: Tensor | undefined = scope.tensor(name);
  return value?.dtype === 'bool' ? (value.data as Uint8Array)[0] !== 0 : undefined;
}

/** The branch taken; undefined where a name in it is used outside as well, so that it cannot be put there. */
function branchTaken(node: Node, scope: Scope): Graph | undefined {
  const wanted = conditionOf(node, scope) === true ? 'then_branch' : 'else_branch';
  const attribute = node.attributes.find(({ name }) => name === wanted);
  if (attribute?.kind !== 'graph') return undefined;
  const { value: branch } = attribute;
  const names = [...branch.initializers.map(({ name }) => name), ...branch.nodes.flatMap(({ outputs }) => outputs)];
  return names.some((name) => name !== '' && scope.isLocal(name)) ? undefined : branch;
}

/** The branch's nodes, and each result under the name that the If gave it. */
function inlined(node: Node, branch: Graph): Node[] {
  const results = branch.outputs.map(({ name }, index): Node => {
    const output = node.outputs[index] ?? '';
    const identity = { domain: '', overload: '', attributes: [], docString: '', metadata: {} };
    return { ...identity, name: `${node.name}/${output}`, opType: 'Identity', inputs: [name], outputs: [output] };
  });
  return [...branch.nodes, ...results.filter(({ outputs: [output] }) => output !== '')];
}
