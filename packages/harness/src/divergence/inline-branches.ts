/**
 * A model without its Ifs: once it is known which way each goes, the nodes of that branch stand in the main graph, where
 * their values can be seen. ONNX lets both branches use the same names, so those that are taken get the If's in front.
 */
import { definedNames, type Graph, type Initializer, type Model, type Node, renameReads } from '@rheobase/exporter';

/** Metadata of the node that hands a branch's output over: the condition that the If went by, which a value still hangs on. */
export const DECIDED_BY = 'rheobase.decided_by';

/** Which way Ifs go, by the name of their first output. */
export type Decisions = ReadonlyMap<string, boolean>;

/** Ifs in the main graph, those inside branches not counted. */
export function openIfs({ graph }: Model): readonly Node[] {
  return graph.nodes.filter((node) => node.opType === 'If' && node.domain === '');
}

export function decisionKey({ outputs }: Node): string {
  return outputs.find((name) => name !== '') ?? '';
}

/** Replaces the Ifs that are decided, and those found inside their branches that are, too. */
export function inlineBranches(model: Model, decisions: Decisions): Model {
  const isDecided = (node: Node): boolean => branchOf(node, decisions) !== undefined;
  let flat = model;
  while (openIfs(flat).some(isDecided)) flat = inlineOnce(flat, decisions);
  return flat;
}

function inlineOnce(model: Model, decisions: Decisions): Model {
  const { graph } = model;
  const taken = new Set([...definedNames(graph), ...graph.outputs.map(({ name }) => name)]);
  const initializers: Initializer[] = [...graph.initializers];
  const sparse = [...graph.sparseInitializers];
  const nodes = graph.nodes.flatMap((node) => {
    const branch = branchOf(node, decisions);
    if (branch === undefined) return [node];
    const inner = withFreeNames(branch, taken, decisionKey(node));
    initializers.push(...inner.initializers);
    sparse.push(...inner.sparseInitializers);
    return [...inner.nodes, ...handingOver(node, inner)];
  });
  return { ...model, graph: { ...graph, nodes: withOwnNames(nodes), initializers, sparseInitializers: sparse } };
}

/** ONNX Runtime refuses two nodes of one name; the first keeps it. */
function withOwnNames(nodes: readonly Node[]): readonly Node[] {
  const taken = new Set<string>();
  return nodes.map((node) => {
    let name = node.name;
    while (name !== '' && taken.has(name)) name = `${name}/${node.outputs.find((output) => output !== '') ?? ''}`;
    taken.add(name);
    return name === node.name ? node : { ...node, name };
  });
}

function branchOf(node: Node, decisions: Decisions): Graph | undefined {
  if (node.opType !== 'If' || node.domain !== '') return undefined;
  const decision = decisions.get(decisionKey(node));
  if (decision === undefined) return undefined;
  const attribute = node.attributes.find(({ name }) => name === (decision ? 'then_branch' : 'else_branch'));
  return attribute?.kind === 'graph' ? attribute.value : undefined;
}

/** The branch with other names where the graph around it has them already; claims the names that it ends up with. */
function withFreeNames(branch: Graph, taken: Set<string>, prefix: string): Graph {
  const names = new Map<string, string>();
  for (const name of definedNames(branch)) {
    let free = name;
    while (name !== '' && taken.has(free)) free = `${prefix}/${free}`;
    names.set(name, free);
    taken.add(free);
  }
  const renamed = (name: string): string => names.get(name) ?? name;
  return {
    ...branch,
    nodes: branch.nodes.map((node) => ({ ...renameReads(node, renamed), outputs: node.outputs.map(renamed) })),
    initializers: branch.initializers.map((one) => ({ ...one, name: renamed(one.name) })),
    sparseInitializers: branch.sparseInitializers.map((one) => ({
      ...one,
      values: { ...one.values, name: renamed(one.values.name) },
    })),
    outputs: branch.outputs.map((info) => ({ ...info, name: renamed(info.name) })),
  };
}

/** The branch's outputs under the names of the If's. */
function handingOver(node: Node, branch: Graph): readonly Node[] {
  return node.outputs.flatMap((output, index): Node[] => {
    const value = branch.outputs[index]?.name;
    if (output === '' || value === undefined) return [];
    const name = `${node.name || 'If'}/${output}`;
    const metadata = { ...node.metadata, [DECIDED_BY]: node.inputs[0] ?? '' };
    return [{ ...node, name, opType: 'Identity', inputs: [value], outputs: [output], attributes: [], metadata }];
  });
}
