/** A model with the types of all its values written down, as far as they follow: what runtimes and viewers read. */
import type { Graph, Model, ValueType } from '../model/model.js';
import { valueInfo } from '../model/plain.js';
import { inferModelTypes, type ModelTypes } from './model-types.js';
import { mapSubgraphs } from './reads.js';

/**
 * Fills in `valueInfo` and the types of outputs, in subgraphs as well. What the model declares stays, made more certain
 * where the nodes say more; what does not follow stays unknown. Symbolic dimensions may be expressions of those that
 * the model names: `2*batch`.
 */
export function inferShapes(model: Model): Model {
  return { ...model, graph: withTypes(model.graph, inferModelTypes(model)) };
}

function withTypes(graph: Graph, types: ModelTypes): Graph {
  const typeOf = (name: string): ValueType => types.typeOf(graph, name) ?? { kind: 'unknown' };
  const outputs = graph.outputs.map((info) => ({ ...info, type: moreCertain(info.type, typeOf(info.name)) }));
  const declared = new Map(graph.valueInfo.map((info) => [info.name, info]));
  const isOutput = new Set(outputs.map(({ name }) => name));
  const produced = graph.nodes.flatMap((node) => node.outputs.filter((name) => name !== '' && !isOutput.has(name)));
  for (const name of produced) {
    const type = typeOf(name);
    const known = declared.get(name);
    if (known !== undefined) declared.set(name, { ...known, type: moreCertain(known.type, type) });
    else if (type.kind !== 'unknown') declared.set(name, valueInfo(name, type));
  }
  const nodes = graph.nodes.map((node) => mapSubgraphs(node, (inner) => withTypes(inner, types)));
  return { ...graph, nodes, outputs, valueInfo: [...declared.values()] };
}

/** The walk has merged what is declared already; where it gave up, that is all there is. */
function moreCertain(declared: ValueType, inferred: ValueType): ValueType {
  return inferred.kind === 'unknown' ? declared : inferred;
}
