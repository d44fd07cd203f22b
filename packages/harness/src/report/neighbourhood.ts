/** The nodes around the one that is to blame: what it computes from, and who takes its result. */
import type { Graph } from '@rheobase/exporter';
import type { ComparisonRow, Neighbourhood, NeighbourNode } from './verify-report.js';

/** Steps from the blamed node in either direction, and nodes shown at most. */
const STEPS = 2;
const MOST_NODES = 16;

/** One for each node of the graph that a row of this model blames. */
export function neighbourhoodsOf(
  model: string,
  graph: Graph,
  rows: readonly Pick<ComparisonRow, 'firstDivergence'>[],
): readonly Neighbourhood[] {
  const outputs = new Set(rows.flatMap(({ firstDivergence }) => firstDivergence?.output ?? []));
  return [...outputs].flatMap((output) => {
    const blamed = graph.nodes.findIndex((node) => node.outputs.includes(output));
    return blamed < 0 ? [] : [{ model, output, nodes: nodesAround(graph, blamed) }];
  });
}

function nodesAround({ nodes }: Graph, blamed: number): readonly NeighbourNode[] {
  const found = new Set([blamed]);
  let edge = [blamed];
  for (let step = 0; step < STEPS && found.size < MOST_NODES; step += 1) {
    const isNext = (candidate: number): boolean =>
      !found.has(candidate) && edge.some((one) => feeds(candidate, one) || feeds(one, candidate));
    edge = nodes.flatMap((_, index) => (isNext(index) ? [index] : [])).slice(0, MOST_NODES - found.size);
    for (const index of edge) found.add(index);
  }
  function feeds(from: number, to: number): boolean {
    return nodes[from]?.outputs.some((name) => name !== '' && nodes[to]?.inputs.includes(name)) ?? false;
  }
  return [...found]
    .toSorted((a, b) => a - b)
    .flatMap((index) => {
      const node = nodes[index];
      if (node === undefined) return [];
      const { name, opType, inputs, outputs } = node;
      return [{ name, opType, inputs, outputs, isBlamed: index === blamed }];
    });
}
