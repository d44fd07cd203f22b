/**
 * Nodes of a model one by one, in a single model: each reads what it is fed, none what another made. Fed with the values
 * of one run, every node shows what it alone makes of them. Weights and constants stay what they are.
 */
import {
  type Attribute,
  constantNodeTensor,
  type Graph,
  isFloat,
  type Model,
  type Node,
  plainNode,
  readsOf,
  type ValueInfo,
  valueInfo,
} from '@rheobase/exporter';
import type { DType, Tensor } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';

/** Name of what the node that makes `value` makes of what it is fed. */
export function aloneName(value: string): string {
  return `${value}/alone`;
}

export interface Detached {
  readonly model: Model;
  /** Values to feed. */
  readonly inputs: readonly string[];
}

/**
 * `values` are a run's, and tell the types of what is fed. Nodes that read something that is not among them are left
 * out. Outputs are named by `aloneName`.
 */
export function detachedNodes(model: Model, nodes: readonly Node[], values: Feeds): Detached {
  const constants = constantTypes(model.graph, values);
  const isKnown = (name: string): boolean => constants.has(name) || Object.hasOwn(values, name);
  const able = nodes.filter((node) => [...readsOf(node)].every(isKnown));
  const read = new Set(able.flatMap((node) => [...readsOf(node)]));
  const inputs = [...read].filter((name) => !constants.has(name));
  const outputs = able.flatMap((node) => node.outputs.filter((name) => name !== ''));
  const alone = able.map((node) => ({
    ...node,
    outputs: node.outputs.map((name) => (name === '' ? name : aloneName(name))),
  }));
  const graph: Graph = {
    ...model.graph,
    inputs: inputs.map((name) => fedAs(name, values[name])),
    outputs: outputs.map((name) => valueInfo(aloneName(name))),
    nodes: alone,
    valueInfo: [],
  };
  return { model: { ...model, graph: withConstants(graph, model.graph, constants) }, inputs };
}

/** Operators that add up products or terms: what they may be off by is a share of the terms' magnitudes. */
const LINEAR: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Sum', 'Mean', 'MatMul', 'Gemm', 'Conv', 'ConvTranspose', 'Einsum', 'CumSum'],
  ...['ReduceSum', 'ReduceMean', 'ReduceL1', 'AveragePool', 'GlobalAveragePool'],
]);

function isLinear({ opType, domain }: Node): boolean {
  return domain === '' && LINEAR.has(opType);
}

/**
 * The linear nodes among detached ones, with the magnitudes of all they read in place of the values: what comes out is
 * the sum of the magnitudes of each element's terms, Σ |aᵢ|·|bᵢ| for a product. Null where there is none.
 */
export function termsOf({ model, inputs }: Detached, values: Feeds): Detached | null {
  const { graph } = model;
  const nodes = graph.nodes.filter(isLinear);
  if (nodes.length === 0) return null;
  const constants = constantTypes(graph, values);
  const read = new Set(nodes.flatMap((node) => node.inputs.filter((name) => name !== '')));
  const isReal = (name: string): boolean => isFloat(constants.get(name) ?? values[name].dtype);
  const magnitude = (name: string): string => (name !== '' && isReal(name) ? `${name}/magnitude` : name);
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const part: Graph = {
    ...graph,
    inputs: graph.inputs.filter(({ name }) => read.has(name)),
    outputs: graph.outputs.filter(({ name }) => made.has(name)),
    nodes: [
      ...[...read].filter(isReal).map((name) => plainNode('Abs', [name], [magnitude(name)])),
      ...nodes.map((node) => addingUp({ ...node, inputs: node.inputs.map(magnitude) })),
    ],
  };
  return {
    model: { ...model, graph: withConstants(part, graph, constants) },
    inputs: inputs.filter((name) => read.has(name)),
  };
}

/** Differences become sums, and so do factors. */
function addingUp(node: Node): Node {
  const attributes = node.attributes.map(
    (attribute): Attribute =>
      attribute.kind === 'float' ? { ...attribute, value: Math.abs(attribute.value) } : attribute,
  );
  return { ...node, opType: node.opType === 'Sub' ? 'Add' : node.opType, attributes };
}

/** The element types of weights and of what Constant nodes give. Weights that a case feeds instead are no constants. */
function constantTypes(graph: Graph, values: Feeds): ReadonlyMap<string, DType> {
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const weights = graph.initializers.filter(({ name }) => !(inputs.has(name) && Object.hasOwn(values, name)));
  const given = graph.nodes.flatMap((node) => constantNodeTensor(node) ?? []);
  return new Map([...weights, ...given].map(({ name, dtype }) => [name, dtype]));
}

/** A part of a graph with those constants of the whole that it reads. */
function withConstants(part: Graph, whole: Graph, constants: ReadonlyMap<string, DType>): Graph {
  const read = new Set(part.nodes.flatMap((node) => [...readsOf(node)]));
  const isRead = (name: string): boolean => read.has(name) && constants.has(name);
  const isConstant = (node: Node): boolean => constantNodeTensor(node) !== undefined;
  return {
    ...part,
    initializers: whole.initializers.filter(({ name }) => isRead(name)),
    sparseInitializers: [],
    nodes: [
      ...whole.nodes.filter((node) => isConstant(node) && node.outputs.some(isRead)),
      ...part.nodes.filter((node) => !isConstant(node)),
    ],
  };
}

function fedAs(name: string, { dtype, shape }: Tensor): ValueInfo {
  return valueInfo(name, { kind: 'tensor', dtype, shape });
}
