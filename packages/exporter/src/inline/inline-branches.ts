/**
 * A graph without Ifs whose way is known: the nodes of the branch taken stand in its place, where their values can be
 * seen. ONNX lets both branches, and many Ifs, use the same names, so those that are taken get the If's output in front.
 */
import { graphAttribute } from '../analysis/node-attributes.js';
import { capturesOf, definedNames, definedNamesDeep, renameValues, subgraphsOf } from '../analysis/reads.js';
import type { Graph, Node } from '../model/model.js';
import { FreeNames } from './free-names.js';

export interface BranchOptions {
  /** Metadata for the nodes that hand over the results of a branch under the names of the If's; default: the If's own. */
  readonly metadata?: (decided: Node) => Readonly<Record<string, string>>;
}

/**
 * Replaces the Ifs that `decide` tells the way of (true: then), and those inside the branches taken that it tells, too. A
 * graph without any comes back as the same object. Subgraphs of other nodes stay as they are.
 */
export function inlineBranches(
  graph: Graph,
  decide: (node: Node) => boolean | undefined,
  { metadata = (decided) => decided.metadata }: BranchOptions = {},
): Graph {
  let flat = graph;
  while (flat.nodes.some((node) => branchTaken(node, decide) !== undefined)) flat = inlineOnce(flat, decide, metadata);
  return flat;
}

type Deciding = (node: Node) => boolean | undefined;

function inlineOnce(graph: Graph, decide: Deciding, metadata: NonNullable<BranchOptions['metadata']>): Graph {
  const names = new FreeNames(namesIn(graph, decide));
  const initializers = [...graph.initializers];
  const sparseInitializers = [...graph.sparseInitializers];
  const valueInfo = [...graph.valueInfo];
  const nodes = graph.nodes.flatMap((node) => {
    const branch = branchTaken(node, decide);
    if (branch === undefined) return [node];
    const inner = withFreeNames(branch, names, firstOutput(node));
    initializers.push(...inner.initializers);
    sparseInitializers.push(...inner.sparseInitializers);
    valueInfo.push(...inner.valueInfo);
    return [...inner.nodes, ...handingOver(node, inner, metadata(node))];
  });
  return { ...graph, nodes: withOwnNodeNames(nodes), initializers, sparseInitializers, valueInfo };
}

/**
 * Names that a branch must not take: those of the graph, those it reads from around it, and those in all bodies that stay,
 * because ONNX Runtime refuses a name in a body that a node around it gives as well.
 */
function namesIn(graph: Graph, decide: Deciding): Set<string> {
  const names = new Set([...definedNames(graph), ...capturesOf(graph), ...graph.outputs.map(({ name }) => name)]);
  const nodes = graph.nodes.flatMap((node) => branchTaken(node, decide)?.nodes ?? [node]);
  for (const inner of nodes.flatMap(subgraphsOf)) for (const name of definedNamesDeep(inner)) names.add(name);
  return names;
}

function branchTaken(node: Node, decide: Deciding): Graph | undefined {
  if (node.opType !== 'If' || node.domain !== '') return undefined;
  const decision = decide(node);
  if (decision === undefined) return undefined;
  return graphAttribute(node, decision ? 'then_branch' : 'else_branch');
}

function firstOutput({ outputs }: Node): string {
  return outputs.find((name) => name !== '') ?? '';
}

/** The branch with other names where the graph around it has them already. */
function withFreeNames(branch: Graph, free: FreeNames, prefix: string): Graph {
  const names = new Map([...definedNames(branch)].map((name) => [name, free.claim(name, prefix)]));
  return renameValues(branch, (name) => names.get(name) ?? name);
}

/** The branch's outputs under the names of the If's. */
function handingOver(node: Node, branch: Graph, metadata: Node['metadata']): readonly Node[] {
  return node.outputs.flatMap((output, index): Node[] => {
    const value = branch.outputs[index]?.name;
    if (output === '' || value === undefined) return [];
    const name = `${node.name || 'If'}/${output}`;
    return [{ ...node, name, opType: 'Identity', inputs: [value], outputs: [output], attributes: [], metadata }];
  });
}

/** ONNX Runtime refuses two nodes of one name; the first keeps it. */
function withOwnNodeNames(nodes: readonly Node[]): readonly Node[] {
  const taken = new Set<string>();
  return nodes.map((node) => {
    let name = node.name;
    while (name !== '' && taken.has(name)) name = `${name}/${firstOutput(node)}`;
    taken.add(name);
    return name === node.name ? node : { ...node, name };
  });
}
