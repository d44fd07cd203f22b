/** What a node reads: its inputs, and the outer values that its subgraphs capture. */
import type { Attribute, Graph, Node } from '../model/model.js';

/** The subgraphs of a node, in the order of its attributes. */
export function subgraphsOf({ attributes }: Node): readonly Graph[] {
  return attributes.flatMap((attribute) => {
    if (attribute.kind === 'graph') return [attribute.value];
    return attribute.kind === 'graphs' ? attribute.value : [];
  });
}

/** Every name a node reads from the graph it stands in, each once, `''` left out. */
export function readsOf(node: Node): ReadonlySet<string> {
  const names = new Set(node.inputs);
  for (const graph of subgraphsOf(node)) for (const name of capturesOf(graph)) names.add(name);
  names.delete('');
  return names;
}

/** Names that a subgraph takes from outside. */
export function capturesOf(graph: Graph): ReadonlySet<string> {
  const local = definedNames(graph);
  const captured = new Set<string>();
  const read = (name: string) => {
    if (name !== '' && !local.has(name)) captured.add(name);
  };
  for (const node of graph.nodes) for (const name of readsOf(node)) read(name);
  for (const { name } of graph.outputs) read(name);
  return captured;
}

/** Names that a graph itself defines: inputs, initializers, outputs of its nodes. */
export function definedNames(graph: Graph): ReadonlySet<string> {
  return new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.map(({ name }) => name),
    ...graph.sparseInitializers.map(({ values }) => values.name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
}

/** The same node with the graphs among its attributes replaced; the same object where none changes. */
export function mapSubgraphs(node: Node, map: (graph: Graph) => Graph): Node {
  if (!node.attributes.some(({ kind }) => kind === 'graph' || kind === 'graphs')) return node;
  const attributes = node.attributes.map((attribute): Attribute => {
    if (attribute.kind === 'graph') {
      const value = map(attribute.value);
      return value === attribute.value ? attribute : { ...attribute, value };
    }
    if (attribute.kind === 'graphs') {
      const value = attribute.value.map(map);
      return value.every((graph, index) => graph === attribute.value[index]) ? attribute : { ...attribute, value };
    }
    return attribute;
  });
  return attributes.every((attribute, index) => attribute === node.attributes[index]) ? node : { ...node, attributes };
}

/** The same node reading other values: `rename` is asked for every name it reads from the graph it stands in. */
export function renameReads(node: Node, rename: (name: string) => string): Node {
  const inputs = node.inputs.map((name) => (name === '' ? name : rename(name)));
  const inner = mapSubgraphs(node, (graph) => renameCaptures(graph, rename));
  return inputs.every((name, index) => name === node.inputs[index]) ? inner : { ...inner, inputs };
}

function renameCaptures(graph: Graph, rename: (name: string) => string): Graph {
  const local = definedNames(graph);
  const outside = (name: string) => (local.has(name) ? name : rename(name));
  const nodes = graph.nodes.map((node) => renameReads(node, outside));
  // A subgraph's output that is an outer value: the output's own name is its reference.
  const outputs = graph.outputs.map((info) => {
    const name = outside(info.name);
    return name === info.name ? info : { ...info, name };
  });
  const same =
    nodes.every((node, index) => node === graph.nodes[index]) &&
    outputs.every((info, index) => info === graph.outputs[index]);
  return same ? graph : { ...graph, nodes, outputs };
}

/** Names of values that a graph and the graphs inside of it define. */
export function definedNamesDeep(graph: Graph): ReadonlySet<string> {
  const names = new Set(definedNames(graph));
  for (const node of graph.nodes) {
    for (const inner of subgraphsOf(node)) for (const name of definedNamesDeep(inner)) names.add(name);
  }
  return names;
}

/** The graph with other names for its values, those that it defines and those that it reads from around it. */
export function renameValues(graph: Graph, rename: (name: string) => string): Graph {
  const named = <T extends { readonly name: string }>(one: T): T => ({ ...one, name: rename(one.name) });
  return {
    ...graph,
    inputs: graph.inputs.map(named),
    outputs: graph.outputs.map(named),
    initializers: graph.initializers.map(named),
    sparseInitializers: graph.sparseInitializers.map((one) => ({ ...one, values: named(one.values) })),
    nodes: graph.nodes.map((node) => ({ ...renameReads(node, rename), outputs: node.outputs.map(rename) })),
    valueInfo: graph.valueInfo.map(named),
  };
}
