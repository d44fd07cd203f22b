/** What a value is computed from. Subgraphs (of If, Loop, Scan) read values of the graphs around them by name. */
import { type Graph, type Node, readsOf } from '@rheobase/exporter';
import { DECIDED_BY } from './inline-branches.js';

/** Indices of the nodes of the main graph that `output` depends on. */
export function nodesBehind(graph: Graph, output: string): ReadonlySet<number> {
  const producers = new Map(graph.nodes.flatMap((node, index) => node.outputs.map((name) => [name, index] as const)));
  const found = new Set<number>();
  const open = [output];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const index = producers.get(name);
    const node = index === undefined ? undefined : graph.nodes[index];
    if (index === undefined || node === undefined || found.has(index)) continue;
    found.add(index);
    open.push(...valuesRead(node));
  }
  return found;
}

/** Names a node reads: its inputs, whatever its subgraphs take from outside, and the condition of an If that it was. */
function valuesRead(node: Node): readonly string[] {
  const condition = node.metadata[DECIDED_BY] ?? '';
  return condition === '' ? [...readsOf(node)] : [...readsOf(node), condition];
}
