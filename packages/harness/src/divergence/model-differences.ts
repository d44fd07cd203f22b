/**
 * What is different in two models that should be one: weights, by name, and nodes, by what they make. It is told beside
 * the comparison of their outputs, since a change in the last bit of a weight may show in none of them.
 */
import {
  type Attribute,
  constantNodeTensor,
  type Initializer,
  type Model,
  type Node,
  readsOf,
  tensorOf,
} from '@rheobase/exporter';
import { compareTensors } from '../comparison/index.js';
import { EXACT } from '../tolerances/index.js';

export interface ModelDifference {
  /** A weight (initializer or Constant), a node's wiring or attributes, or one that only one side has. */
  readonly kind: 'weight' | 'node';
  /** The weight's name, or the value that the node makes. */
  readonly name: string;
  /** Nodes that read the weight; the node itself. */
  readonly nodes: readonly string[];
  readonly what: string;
}

export function modelDifferences(model: Model, reference: Model): readonly ModelDifference[] {
  return [...weightDifferences(model, reference), ...nodeDifferences(model, reference)];
}

/** Whether both have the same nodes, wired alike: then the same code computes the same bits, weights apart. */
export function haveSameStructure(model: Model, reference: Model): boolean {
  const structure = ({ graph }: Model): string =>
    JSON.stringify(graph.nodes.map(({ opType, domain, inputs, outputs }) => [opType, domain, inputs, outputs]));
  return structure(model) === structure(reference);
}

function weightDifferences(model: Model, reference: Model): readonly ModelDifference[] {
  const others = new Map(weightsOf(reference).map((weight) => [weight.name, weight]));
  return weightsOf(model).flatMap((weight): ModelDifference[] => {
    const other = others.get(weight.name);
    const what = other === undefined ? 'the reference has no such weight' : weightDifference(weight, other);
    if (what === null) return [];
    const readers = model.graph.nodes.filter((node) => readsOf(node).has(weight.name));
    return [{ kind: 'weight', name: weight.name, nodes: readers.map(({ name }) => name), what }];
  });
}

function weightsOf({ graph }: Model): readonly Initializer[] {
  return [...graph.initializers, ...graph.nodes.flatMap((node) => constantNodeTensor(node) ?? [])];
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

function nodeDifferences(model: Model, reference: Model): readonly ModelDifference[] {
  const keyOf = ({ outputs }: Node): string => outputs.join('\n');
  const others = new Map(reference.graph.nodes.map((node) => [keyOf(node), node]));
  return model.graph.nodes.flatMap((node): ModelDifference[] => {
    if (constantNodeTensor(node) !== undefined) return [];
    const what = nodeDifference(node, others.get(keyOf(node)));
    return what === null ? [] : [{ kind: 'node', name: node.outputs[0] ?? '', nodes: [node.name], what }];
  });
}

function nodeDifference(node: Node, other: Node | undefined): string | null {
  if (other === undefined) return 'the reference has no node that makes this';
  if (node.opType !== other.opType || node.domain !== other.domain) return `is ${node.opType}, was ${other.opType}`;
  if (node.inputs.join('\n') !== other.inputs.join('\n')) return `reads ${node.inputs}, read ${other.inputs}`;
  const changed = node.attributes.find(
    (attribute) => textOf(attribute) !== textOf(other.attributes.find(({ name }) => name === attribute.name)),
  );
  return changed === undefined ? null : `has another ${changed.name}`;
}

/** Attributes with tensors and graphs in them are told by their kind alone. */
function textOf(attribute: Attribute | undefined): string {
  if (attribute === undefined) return '';
  return JSON.stringify(attribute, (key, value) => {
    if (typeof value === 'bigint') return String(value);
    return key === 'value' && typeof value === 'object' && !Array.isArray(value) ? null : value;
  });
}
