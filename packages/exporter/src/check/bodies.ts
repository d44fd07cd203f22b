/** Everything in a model that has nodes: the main graph, subgraphs inside nodes, bodies of local functions. */
import { bodyGraph } from '../analysis/calls.js';
import { definedNames, subgraphsOf } from '../analysis/reads.js';
import type { Graph, LocalFunction, Model, Node } from '../model/model.js';
import { nodeName } from '../model/queries.js';

export interface Body {
  readonly kind: 'main' | 'subgraph' | 'function';
  /** A function's body is seen as a graph whose inputs and outputs have no types. */
  readonly graph: Graph;
  readonly opsets: Readonly<Record<string, number>>;
  /** The body around a subgraph. */
  readonly outer: Body | null;
  /** The node that holds a subgraph. */
  readonly holder: Node | null;
  readonly fn: LocalFunction | null;
  /** Names that the graph itself defines. */
  readonly defined: ReadonlySet<string>;
}

export function bodiesOf({ graph, opsets, functions }: Model): Body[] {
  const bodies: Body[] = [];
  const add = (body: Omit<Body, 'defined'>) => {
    const whole: Body = { ...body, defined: definedNames(body.graph) };
    bodies.push(whole);
    for (const node of body.graph.nodes) {
      for (const inner of subgraphsOf(node)) {
        add({ kind: 'subgraph', graph: inner, opsets: body.opsets, outer: whole, holder: node, fn: body.fn });
      }
    }
  };
  add({ kind: 'main', graph, opsets, outer: null, holder: null, fn: null });
  for (const fn of functions) {
    add({ kind: 'function', graph: bodyGraph(fn), opsets: fn.opsets, outer: null, holder: null, fn });
  }
  return bodies;
}

/** True where a name means something in a body: its own, or of a body around it. */
export function isVisible(name: string, body: Body): boolean {
  for (let at: Body | null = body; at !== null; at = at.outer) if (at.defined.has(name)) return true;
  return false;
}

/** `` in the main graph, ` in the function f`, ` in a subgraph of Loop_3`: the end of a sentence. */
export function placeOf({ kind, fn, holder }: Body): string {
  if (kind === 'function') return ` in the function ${fn?.name}`;
  return holder === null ? '' : ` in a subgraph of ${nodeName(holder)}`;
}
