/** Small questions about a model, and one change: what a caller needs to run it without knowing its graph. */
import { badInput } from '../errors.js';
import type { DType } from '../tensor/index.js';
import type { Attribute, Graph, Initializer, Model, Node, Shape, ValueInfo, ValueType } from './model.js';
import { valueInfo } from './plain.js';

export interface ModelInfo {
  /** The inputs a caller must feed: those that no initializer gives a default. */
  readonly inputs: readonly ValueSummary[];
  readonly outputs: readonly ValueSummary[];
  /** Version of ai.onnx, 0 where the model imports none. */
  readonly opset: number;
  /** Nodes of the main graph, those inside subgraphs and functions not counted. */
  readonly nodes: number;
  /** Files beside the model that it takes elements from, each once. */
  readonly externalLocations: readonly string[];
}

export interface ValueSummary {
  readonly name: string;
  /** Null for a value that is not a dense tensor, or of which the model does not tell the type. */
  readonly dtype: DType | null;
  readonly shape: Shape;
  readonly type: ValueType;
}

export function modelInfo(model: Model): ModelInfo {
  const { graph, opsets } = model;
  const given = new Set(graph.initializers.map(({ name }) => name));
  for (const { values } of graph.sparseInitializers) given.add(values.name);
  return {
    inputs: graph.inputs.filter(({ name }) => !given.has(name)).map(summarize),
    outputs: graph.outputs.map(summarize),
    opset: opsets[''] ?? 0,
    nodes: graph.nodes.length,
    externalLocations: externalLocations(model),
  };
}

function summarize({ name, type }: ValueInfo): ValueSummary {
  return type.kind === 'tensor'
    ? { name, dtype: type.dtype, shape: type.shape, type }
    : { name, dtype: null, shape: null, type };
}

/** Files beside the model that it takes elements from, in order of first use, each once. */
export function externalLocations(model: Model): string[] {
  const locations = new Set<string>();
  for (const { content } of allTensors(model)) {
    if (content.kind === 'external') locations.add(content.location);
  }
  return [...locations];
}

/** Every tensor in a model: initializers and attributes, inside subgraphs and functions too. */
export function* allTensors(model: Model): Iterable<Initializer> {
  yield* tensorsOfGraph(model.graph);
  for (const fn of model.functions) {
    for (const attribute of fn.attributeDefaults) yield* tensorsOfAttribute(attribute);
    for (const node of fn.nodes) for (const attribute of node.attributes) yield* tensorsOfAttribute(attribute);
  }
}

function* tensorsOfGraph(graph: Graph): Iterable<Initializer> {
  yield* graph.initializers;
  for (const { values, indices } of graph.sparseInitializers) yield* [values, indices];
  for (const node of graph.nodes) for (const attribute of node.attributes) yield* tensorsOfAttribute(attribute);
}

function* tensorsOfAttribute(attribute: Attribute): Iterable<Initializer> {
  if (attribute.kind === 'tensor') yield attribute.value;
  if (attribute.kind === 'tensors') yield* attribute.value;
  if (attribute.kind === 'graph') yield* tensorsOfGraph(attribute.value);
  if (attribute.kind === 'graphs') for (const graph of attribute.value) yield* tensorsOfGraph(graph);
  if (attribute.kind === 'sparseTensor') yield* [attribute.value.values, attribute.value.indices];
  if (attribute.kind === 'sparseTensors') for (const sparse of attribute.value) yield* [sparse.values, sparse.indices];
}

/**
 * The same model with further values of its main graph as outputs, after those it has. Names that are outputs already
 * are not repeated. A value whose type the model does not tell is left untyped, which ONNX Runtime fills in.
 * @throws RheobaseError `bad-input` where the graph has no such value.
 */
export function withOutputs(model: Model, names: readonly string[]): Model {
  const { graph } = model;
  const existing = new Set(graph.outputs.map(({ name }) => name));
  const produced = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const typed = new Map([...graph.inputs, ...graph.valueInfo].map((info) => [info.name, info]));
  const added = new Set(names.filter((name) => !existing.has(name)));
  const outputs = [...added].map((name): ValueInfo => {
    if (name === '' || !(produced.has(name) || typed.has(name))) throw badInput(`the graph has no value '${name}'`);
    return typed.get(name) ?? valueInfo(name);
  });
  return { ...model, graph: { ...graph, outputs: [...graph.outputs, ...outputs] } };
}

/** Names of all values that nodes of the main graph produce, in order. */
export function producedValues(model: Model): string[] {
  return model.graph.nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== ''));
}

/** What a node is called in reports, errors and options: its name, or its first output's where it has none. */
export function nodeName({ name, outputs, opType }: Node): string {
  return name || outputs.find((output) => output !== '') || opType;
}
