/**
 * A few nodes of a model as a model of their own: whatever other nodes give them becomes an input, whatever they make an
 * output. Weights stay weights, under their names: a provider treats constants otherwise than inputs.
 */
import {
  constantNodeTensor,
  type Graph,
  type Model,
  type Node,
  readsOf,
  type ValueInfo,
  type ValueType,
  valueInfo,
} from '@rheobase/exporter';
import type { Feeds } from '@rheobase/runtime';

export interface Extraction {
  readonly model: Model;
  /** Values that have to be fed. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * `nodes` are nodes of the model's main graph, in its order. With `values`, inputs are declared with the types and shapes
 * of those; others keep what the model tells of them.
 */
export function extractNodes(model: Model, nodes: readonly Node[], values: Feeds = {}): Extraction {
  const { graph } = model;
  const produced = new Set(nodes.flatMap(({ outputs }) => outputs));
  const read = new Set(nodes.flatMap((node) => [...readsOf(node)]).filter((name) => !produced.has(name)));
  const constants = graph.nodes.filter(
    (node) => constantNodeTensor(node) !== undefined && node.outputs.some((name) => read.has(name)),
  );
  const isGiven = new Set([
    ...constants.flatMap(({ outputs }) => outputs),
    ...graph.initializers.map(({ name }) => name),
    ...graph.sparseInitializers.map((sparse) => sparse.values.name),
  ]);
  const inputs = [...read].filter((name) => !isGiven.has(name));
  const outputs = nodes.flatMap((node) => node.outputs.filter((name) => name !== ''));
  const infos = new Map([...graph.valueInfo, ...graph.inputs, ...graph.outputs].map((info) => [info.name, info]));
  const infoOf = (name: string): ValueInfo => infos.get(name) ?? valueInfo(name);
  const part: Graph = {
    ...graph,
    inputs: inputs.map((name) => typedBy(infoOf(name), values)),
    outputs: outputs.map((name) => freeOfShape(infoOf(name))),
    initializers: graph.initializers.filter(({ name }) => read.has(name)),
    sparseInitializers: graph.sparseInitializers.filter((sparse) => read.has(sparse.values.name)),
    nodes: [...constants, ...nodes],
    valueInfo: [],
  };
  return { model: { ...model, graph: part }, inputs, outputs };
}

function typedBy(info: ValueInfo, values: Feeds): ValueInfo {
  const value = Object.hasOwn(values, info.name) ? values[info.name] : undefined;
  if (value === undefined) return info;
  return { ...info, type: { kind: 'tensor', dtype: value.dtype, shape: value.shape } };
}

/** Dimensions that the whole model declares by name may clash with the extents of what is fed here. */
function freeOfShape(info: ValueInfo): ValueInfo {
  const type: ValueType = info.type.kind === 'tensor' ? { ...info.type, shape: null } : info.type;
  return { ...info, type };
}
