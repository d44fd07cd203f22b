/**
 * Nodes must stand in topological order. A value read before it is produced is either out of order or part of a cycle;
 * cycles are the strongly connected components of the graph (Tarjan 1972), found with an explicit stack, so that a
 * long chain does not exhaust the engine's.
 */
import { readsOf } from '../../analysis/reads.js';
import type { Graph, Node } from '../../model/model.js';
import { nodeName } from '../../model/queries.js';
import { placeOf } from '../bodies.js';
import { type CheckRule, error, type Finding } from '../check-rule.js';

export const order: CheckRule = {
  name: 'order',
  check: function* ({ bodies }): Iterable<Finding> {
    for (const body of bodies) {
      const cyclic = new Set(cyclesOf(body.graph).flat());
      for (const [node, name, producer] of lateReads(body.graph)) {
        if (cyclic.has(node) && cyclic.has(producer)) continue;
        yield error(node, `${node.opType} reads '${name}' before ${nodeName(producer)} produces it${placeOf(body)}`);
      }
    }
  },
};

export const cycles: CheckRule = {
  name: 'cycle',
  check: function* ({ bodies }): Iterable<Finding> {
    for (const body of bodies) {
      for (const cycle of cyclesOf(body.graph)) {
        const names = cycle.map(nodeName);
        const shown = names.length > 6 ? [...names.slice(0, 6), `… (${names.length} nodes)`] : names;
        yield error(cycle[0], `nodes depend on each other: ${shown.join(' → ')} → ${names[0]}${placeOf(body)}`);
      }
    }
  },
};

/** Reads of values that a later node (or the node itself) produces. */
function lateReads({ nodes }: Graph): [Node, string, Node][] {
  const positions = producers(nodes);
  return nodes.flatMap((node, index) =>
    [...readsOf(node)].flatMap((name): [Node, string, Node][] => {
      const position = positions.get(name);
      return position === undefined || position < index ? [] : [[node, name, nodes[position]]];
    }),
  );
}

function cyclesOf(graph: Graph): Node[][] {
  const { nodes } = graph;
  // A graph in order has no cycle: the common case costs one pass.
  if (lateReads(graph).length === 0) return [];
  const positions = producers(nodes);
  const successors = nodes.map((node) =>
    [...readsOf(node)].map((name) => positions.get(name)).filter((position) => position !== undefined),
  );
  return components(successors)
    .filter((group) => group.length > 1 || successors[group[0]].includes(group[0]))
    .map((group) => group.sort((a, b) => a - b).map((index) => nodes[index]));
}

function producers(nodes: readonly Node[]): Map<string, number> {
  return new Map(nodes.flatMap(({ outputs }, index) => outputs.filter(Boolean).map((name) => [name, index] as const)));
}

/** Strongly connected components of a graph given by each node's successors. */
function components(successors: readonly (readonly number[])[]): number[][] {
  const index: (number | undefined)[] = Array(successors.length).fill(undefined);
  const low: number[] = Array(successors.length).fill(0);
  const open: number[] = [];
  const isOpen = new Set<number>();
  const found: number[][] = [];
  let count = 0;
  for (const start of successors.keys()) {
    if (index[start] !== undefined) continue;
    const stack = [{ at: start, next: 0 }];
    while (stack.length > 0) {
      const frame = stack[stack.length - 1];
      const { at } = frame;
      if (frame.next === 0) {
        index[at] = low[at] = count++;
        open.push(at);
        isOpen.add(at);
      }
      const target = successors[at][frame.next++];
      if (target !== undefined) {
        if (index[target] === undefined) stack.push({ at: target, next: 0 });
        else if (isOpen.has(target)) low[at] = Math.min(low[at], index[target]);
        continue;
      }
      stack.pop();
      const below = stack.at(-1)?.at;
      if (below !== undefined) low[below] = Math.min(low[below], low[at]);
      if (low[at] === index[at]) found.push(closeComponent(at, open, isOpen));
    }
  }
  return found;
}

function closeComponent(root: number, open: number[], isOpen: Set<number>): number[] {
  const group = open.splice(open.lastIndexOf(root));
  for (const member of group) isOpen.delete(member);
  return group;
}
