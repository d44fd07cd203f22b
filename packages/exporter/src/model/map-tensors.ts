/** A model with each of its tensors replaced: initializers and attributes, inside subgraphs and functions too. */
import type { Attribute, Graph, Initializer, Model, Node, SparseTensor } from './model.js';

/** `main` is true for the initializers of the main graph. */
export type TensorMapper = (tensor: Initializer, main: boolean) => Initializer;

/** Parts without a change stay the same objects. Tensors are visited in the order of `allTensors`. */
export function mapTensors(model: Model, map: TensorMapper): Model {
  const graph = mapGraph(model.graph, map, true);
  const functions = mapList(model.functions, (fn) => {
    const attributeDefaults = mapList(fn.attributeDefaults, (attribute) => mapAttribute(attribute, map));
    const nodes = mapList(fn.nodes, (node) => mapNode(node, map));
    return attributeDefaults === fn.attributeDefaults && nodes === fn.nodes ? fn : { ...fn, attributeDefaults, nodes };
  });
  return graph === model.graph && functions === model.functions ? model : { ...model, graph, functions };
}

function mapGraph(graph: Graph, map: TensorMapper, main: boolean): Graph {
  const initializers = mapList(graph.initializers, (tensor) => map(tensor, main));
  const sparseInitializers = mapList(graph.sparseInitializers, (sparse) => mapSparse(sparse, map));
  const nodes = mapList(graph.nodes, (node) => mapNode(node, map));
  const same =
    initializers === graph.initializers && sparseInitializers === graph.sparseInitializers && nodes === graph.nodes;
  return same ? graph : { ...graph, initializers, sparseInitializers, nodes };
}

function mapNode(node: Node, map: TensorMapper): Node {
  const attributes = mapList(node.attributes, (attribute) => mapAttribute(attribute, map));
  return attributes === node.attributes ? node : { ...node, attributes };
}

function mapSparse(sparse: SparseTensor, map: TensorMapper): SparseTensor {
  const [values, indices] = [map(sparse.values, false), map(sparse.indices, false)];
  return values === sparse.values && indices === sparse.indices ? sparse : { ...sparse, values, indices };
}

function mapAttribute(attribute: Attribute, map: TensorMapper): Attribute {
  switch (attribute.kind) {
    case 'tensor':
      return withValue(attribute, map(attribute.value, false));
    case 'tensors':
      return withValue(
        attribute,
        mapList(attribute.value, (tensor) => map(tensor, false)),
      );
    case 'graph':
      return withValue(attribute, mapGraph(attribute.value, map, false));
    case 'graphs':
      return withValue(
        attribute,
        mapList(attribute.value, (graph) => mapGraph(graph, map, false)),
      );
    case 'sparseTensor':
      return withValue(attribute, mapSparse(attribute.value, map));
    case 'sparseTensors':
      return withValue(
        attribute,
        mapList(attribute.value, (sparse) => mapSparse(sparse, map)),
      );
    default:
      return attribute;
  }
}

function withValue<A extends { readonly value: unknown }>(attribute: A, value: A['value']): A {
  return value === attribute.value ? attribute : { ...attribute, value };
}

function mapList<T>(list: readonly T[], map: (item: T) => T): readonly T[] {
  const mapped = list.map(map);
  return mapped.every((item, index) => item === list[index]) ? list : mapped;
}
