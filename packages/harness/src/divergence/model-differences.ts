/**
 * What is different in two models that should be one: weights, by name, and nodes, by what they make, also inside the
 * bodies of control flow and of local functions. It is told beside the comparison of their outputs, since a change in the
 * last bit of a weight may show in none of them.
 */
import {
  type Attribute,
  constantNodeTensor,
  type Graph,
  type Initializer,
  inlineFunctions,
  type Model,
  type Node,
  readsOf,
  subgraphsOf,
  tensorOf,
} from '@rheobase/exporter';
import { compareTensors } from '../comparison/index.js';
import { EXACT } from '../tolerances/index.js';
import { nodesBehind } from './dependencies.js';

export interface ModelDifference {
  /** A weight (initializer or Constant), a node's wiring or attributes, or one that only one side has. */
  readonly kind: 'weight' | 'node';
  /** The weight's name, or the value that the node makes. */
  readonly name: string;
  /** Nodes that read the weight; the node itself. */
  readonly nodes: readonly string[];
  readonly what: string;
}

/** A difference with the first node that it concerns, and the node of the main graph that this is, or is inside of. */
interface Located {
  readonly difference: ModelDifference;
  readonly node: Node | undefined;
  readonly mainNode: Node | undefined;
}

/** What differs in a model and its reference, looked at once for all that is asked about it. */
export class ModelDifferences {
  private readonly flat: Model;
  private readonly located: readonly Located[];

  constructor(model: Model, reference: Model) {
    this.flat = inlineFunctions(model);
    this.located = graphDifferences(this.flat.graph, inlineFunctions(reference).graph, undefined);
  }

  get list(): readonly ModelDifference[] {
    return this.located.map(({ difference }) => difference);
  }

  /** Whether a node is among those that differ. */
  includes({ node, output }: { readonly node: string; readonly output: string }): boolean {
    return this.located.some(
      (one) => one.node?.outputs.includes(output) || (node !== '' && one.difference.nodes.includes(node)),
    );
  }

  /** Of those that an output depends on, the one that comes first in the graph. */
  firstBehind(output: string): { readonly difference: ModelDifference; readonly node: Node } | undefined {
    const { graph } = this.flat;
    const behind = [...nodesBehind(graph, output)].sort((a, b) => a - b);
    for (const index of behind) {
      const found = this.located.find(({ mainNode }) => mainNode !== undefined && mainNode === graph.nodes[index]);
      if (found?.node !== undefined) return { difference: found.difference, node: found.node };
    }
    return undefined;
  }
}

/** Whether both have the same nodes, wired alike: then the same code computes the same bits, weights apart. */
export function haveSameStructure(model: Model, reference: Model): boolean {
  const structure = ({ graph }: Model): string =>
    JSON.stringify(graph.nodes.map(({ opType, domain, inputs, outputs }) => [opType, domain, inputs, outputs]));
  return structure(model) === structure(reference);
}

/** `mainNode`: the node of the main graph that these graphs are bodies of. */
function graphDifferences(graph: Graph, other: Graph, mainNode: Node | undefined): readonly Located[] {
  return [...weightDifferences(graph, other, mainNode), ...nodeDifferences(graph, other, mainNode)];
}

function weightDifferences(graph: Graph, reference: Graph, mainNode: Node | undefined): readonly Located[] {
  const others = new Map(weightsOf(reference).map((weight) => [weight.name, weight]));
  return weightsOf(graph).flatMap((weight): Located[] => {
    const other = others.get(weight.name);
    const what = other === undefined ? 'the reference has no such weight' : weightDifference(weight, other);
    if (what === null) return [];
    const outer = graph.nodes.filter((node) => readsOf(node).has(weight.name));
    const [first] = outer;
    const readers = outer.map((node) => innermostReader(node, weight.name));
    const difference = { kind: 'weight', name: weight.name, nodes: readers.map(({ name }) => name), what } as const;
    return [{ difference, node: readers[0], mainNode: mainNode ?? first }];
  });
}

/** The node that takes the value itself, where it is taken inside of a body. */
function innermostReader(node: Node, value: string): Node {
  if (node.inputs.includes(value)) return node;
  const inner = subgraphsOf(node)
    .flatMap(({ nodes }) => nodes)
    .find((one) => readsOf(one).has(value));
  return inner === undefined ? node : innermostReader(inner, value);
}

function weightsOf({ initializers, nodes }: Graph): readonly Initializer[] {
  return [...initializers, ...nodes.flatMap((node) => constantNodeTensor(node) ?? [])];
}

function weightDifference(weight: Initializer, other: Initializer): string | null {
  const comparison = compareTensors(tensorOf(weight), tensorOf(other), {
    tolerance: { ...EXACT, signedZero: 'mismatch' },
    worst: 0,
    histogram: false,
  });
  if (comparison.verdict === 'agree') return null;
  const { mismatched, count, maxUlp, reason } = comparison;
  const size = maxUlp === null || maxUlp === 0 ? (reason ?? '') : `by at most ${maxUlp} ULP`;
  return `${mismatched} of ${count} elements differ ${size}`.trim();
}

function nodeDifferences(graph: Graph, reference: Graph, mainNode: Node | undefined): readonly Located[] {
  const keyOf = ({ outputs }: Node): string => outputs.join('\n');
  const others = new Map(reference.nodes.map((node) => [keyOf(node), node]));
  return graph.nodes.flatMap((node): readonly Located[] => {
    if (constantNodeTensor(node) !== undefined) return [];
    const other = others.get(keyOf(node));
    const what = nodeDifference(node, other);
    const difference = { kind: 'node', name: node.outputs[0] ?? '', nodes: [node.name], what: what ?? '' } as const;
    const own: readonly Located[] = what === null ? [] : [{ difference, node, mainNode: mainNode ?? node }];
    return other === undefined ? own : [...own, ...bodyDifferences(node, other, mainNode ?? node)];
  });
}

function bodyDifferences(node: Node, other: Node, mainNode: Node): readonly Located[] {
  const others = subgraphsOf(other);
  return subgraphsOf(node).flatMap((body, index) => {
    const counterpart = others[index];
    return counterpart === undefined ? [] : graphDifferences(body, counterpart, mainNode);
  });
}

function nodeDifference(node: Node, other: Node | undefined): string | null {
  if (other === undefined) return 'the reference has no node that makes this';
  if (node.opType !== other.opType || node.domain !== other.domain) return `is ${node.opType}, was ${other.opType}`;
  if (node.inputs.join('\n') !== other.inputs.join('\n')) return `reads ${node.inputs}, read ${other.inputs}`;
  const names = new Set([...node.attributes, ...other.attributes].map(({ name }) => name));
  const named = ({ attributes }: Node, name: string) => attributes.find((attribute) => attribute.name === name);
  const changed = [...names].find((name) => isChanged(named(node, name), named(other, name)));
  return changed === undefined ? null : `has another ${changed}`;
}

/** Bodies are compared as graphs of their own. */
function isChanged(one: Attribute | undefined, other: Attribute | undefined): boolean {
  if (one?.kind !== other?.kind) return true;
  if (one?.kind === 'graph' || one?.kind === 'graphs') return false;
  if (one?.kind === 'tensor' && other?.kind === 'tensor') return weightDifference(one.value, other.value) !== null;
  return textOf(one) !== textOf(other);
}

function textOf(attribute: Attribute | undefined): string {
  return JSON.stringify(attribute ?? null, (key, value) => {
    if (key === 'docString') return undefined;
    if (value instanceof Uint8Array) return [...value];
    return typeof value === 'bigint' ? String(value) : value;
  });
}
