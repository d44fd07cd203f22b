/** Nodes whose outputs nobody reads, and initializers nobody reads. Operators have no side effects. */

import { readsOf } from '../../../analysis/reads.js';
import type { Graph, Node } from '../../../model/model.js';
import { withoutStaleTypes } from '../../apply-rule.js';
import { graphRule } from '../../rule.js';

export const deadCode = graphRule({
  name: 'dead-code',
  requires: 'nodes or initializers that no graph output depends on',
  ensures: 'every node and initializer contributes to an output',
  bound: 'bit-equal',
  run: ({ graph }) => {
    const needed = new Set(graph.outputs.map(({ name }) => name));
    const dead: Node[] = [];
    const nodes = graph.nodes.toReversed().filter((node) => {
      if (!node.outputs.some((name) => needed.has(name))) {
        dead.push(node);
        return false;
      }
      for (const name of readsOf(node)) needed.add(name);
      return true;
    });
    const cleaned = { ...graph, nodes: nodes.reverse(), ...usedTensors(graph, needed) };
    const changed = dead.length > 0 || cleaned.initializers.length < graph.initializers.length;
    return { graph: changed ? withoutStaleTypes(cleaned) : graph, applied: dead.reverse(), rejected: [] };
  },
});

/** A default of a graph input stays, read or not: it is part of how the model is called. */
function usedTensors(graph: Graph, needed: ReadonlySet<string>): Pick<Graph, 'initializers' | 'sparseInitializers'> {
  const keep = new Set([...needed, ...graph.inputs.map(({ name }) => name)]);
  return {
    initializers: graph.initializers.filter(({ name }) => keep.has(name)),
    sparseInitializers: graph.sparseInitializers.filter(({ values }) => keep.has(values.name)),
  };
}
