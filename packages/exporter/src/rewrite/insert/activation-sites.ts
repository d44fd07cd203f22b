/**
 * Where a graph has activations: nodes of an activation's operator, and activations spelled out in primitive operators
 * (GELU, SiLU, HardSwish, Mish), which count under their name with the node that ends them.
 */
import { subgraphsOf } from '../../analysis/reads.js';
import type { Graph, Node } from '../../model/model.js';
import { matchAt } from '../match.js';
import type { PatternRule } from '../rule.js';
import { geluErf, geluTanh } from '../rules/activations/gelu.js';
import { hardSwish } from '../rules/activations/hard-swish.js';
import { mish } from '../rules/activations/mish.js';
import { silu } from '../rules/activations/silu.js';
import { Scope, type TypeLookup } from '../scope.js';

export interface ActivationSite {
  /** The node whose output is the activation's. */
  readonly node: Node;
  /** The operator, or the name of what is spelled out: `Relu`, `Gelu`, `Swish`, `HardSwish`, `Mish`. */
  readonly activation: string;
  /** Name of the value it gives. */
  readonly value: string;
  /** The graph that it stands in. */
  readonly graph: Graph;
  readonly scope: Scope;
}

/** Operators after which a threshold makes sense without being asked for by name. */
export const THRESHOLD_SITES: readonly string[] = [
  ...['Relu', 'LeakyRelu', 'PRelu', 'Elu', 'Celu', 'Selu', 'Gelu', 'Swish', 'HardSwish', 'Mish', 'Softplus'],
];

const SPELLED: readonly [string, PatternRule][] = [
  ['Gelu', geluErf],
  ['Gelu', geluTanh],
  ['HardSwish', hardSwish],
  ['Mish', mish],
  ['Swish', silu],
];

/**
 * All sites of the given operators (spelled-out ones under their names) in the order of the nodes; those of a node's
 * subgraphs come before the node.
 */
export function activationSites(
  graph: Graph,
  opsets: Readonly<Record<string, number>>,
  types: (graph: Graph) => TypeLookup,
  operators: readonly string[],
): ActivationSite[] {
  const wanted = new Set(operators);
  const visit = (current: Graph, outer: Scope | null): ActivationSite[] => {
    const scope = new Scope(current, opsets, outer, types(current));
    const spelled = spelledOut(scope);
    const inner = new Set([...spelled.values()].flatMap(({ parts }) => parts));
    return current.nodes.flatMap((node) => {
      const below = subgraphsOf(node).flatMap((subgraph) => visit(subgraph, scope));
      const activation = spelled.get(node)?.name ?? (inner.has(node) ? undefined : node.opType);
      if (activation === undefined || !wanted.has(activation)) return below;
      return [...below, { node, activation, value: node.outputs[0], graph: current, scope }];
    });
  };
  return visit(graph, null);
}

/** Activations spelled out, by the node that ends them, with the nodes before it. */
function spelledOut(scope: Scope): Map<Node, { readonly name: string; readonly parts: readonly Node[] }> {
  const found = new Map<Node, { name: string; parts: readonly Node[] }>();
  for (const node of scope.graph.nodes) {
    if (node.domain !== '' || (node.opType !== 'Mul' && node.opType !== 'Div')) continue;
    for (const [name, rule] of SPELLED) {
      const match = matchAt(rule.pattern, node, scope);
      if (!match.matched) continue;
      found.set(node, { name, parts: [...match.bindings.matched].filter((part) => part !== node) });
      break;
    }
  }
  return found;
}
