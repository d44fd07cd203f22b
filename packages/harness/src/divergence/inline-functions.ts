/**
 * A model without calls of its own functions: each gives way to the nodes of the function, so that they can be seen and
 * blamed like any other. ONNX Runtime does the same when it loads a model. Inner values get the name of the call's first
 * output in front, by which two models of the same calls still match.
 */
import {
  type Attribute,
  type LocalFunction,
  type Model,
  mapSubgraphs,
  type Node,
  renameReads,
} from '@rheobase/exporter';

/** Functions that call each other in a circle are no valid model; this ends what they would start. */
const MAX_DEPTH = 32;

/** Calls of functions that use another version of an operator set than the model does stay calls. */
export function inlineFunctions(model: Model): Model {
  if (model.functions.length === 0) return model;
  const functions = new Map(model.functions.filter((one) => fits(one, model)).map((one) => [keyOf(one), one]));
  const nodes = inlinedNodes(model.graph.nodes, functions, 0);
  return { ...model, graph: { ...model.graph, nodes } };
}

function fits({ opsets }: LocalFunction, model: Model): boolean {
  return Object.entries(opsets).every(([domain, version]) => model.opsets[domain] === version);
}

function keyOf({ domain, overload, ...rest }: Pick<LocalFunction, 'domain' | 'overload'> & { name: string }): string {
  return JSON.stringify([domain, rest.name, overload]);
}

type Functions = ReadonlyMap<string, LocalFunction>;

function inlinedNodes(nodes: readonly Node[], functions: Functions, depth: number): readonly Node[] {
  return nodes.flatMap((node) => {
    const called = functions.get(keyOf({ ...node, name: node.opType }));
    if (called !== undefined && depth < MAX_DEPTH) return inlinedNodes(bodyOf(node, called), functions, depth + 1);
    return [mapSubgraphs(node, (graph) => ({ ...graph, nodes: inlinedNodes(graph.nodes, functions, depth) }))];
  });
}

/** The function's nodes with the names and attributes of a call. */
function bodyOf(call: Node, called: LocalFunction): readonly Node[] {
  const prefix = call.outputs.find((name) => name !== '') ?? call.name;
  const names = new Map<string, string>([
    ...called.inputs.map((name, index) => [name, call.inputs[index] ?? ''] as const),
    ...called.outputs.flatMap((name, index) => {
      const outside = call.outputs[index] ?? '';
      return outside === '' ? [] : [[name, outside] as const];
    }),
  ]);
  const renamed = (name: string): string => (name === '' ? '' : (names.get(name) ?? `${prefix}/${name}`));
  const given = new Map(
    [...called.attributeDefaults, ...call.attributes].map((attribute) => [attribute.name, attribute]),
  );
  const nodes = called.nodes.map((node, index) => ({
    ...renameReads(withAttributes(node, given), renamed),
    name: `${call.name || prefix}/${node.name || `${node.opType}_${index}`}`,
    outputs: node.outputs.map(renamed),
  }));
  // An output that is one of the function's inputs is made by none of its nodes.
  const handed = called.outputs.flatMap((name, index): Node[] => {
    const [inside, outside] = [called.inputs.indexOf(name), call.outputs[index] ?? ''];
    if (inside < 0 || outside === '') return [];
    const inputs = [call.inputs[inside] ?? ''];
    return [
      {
        ...call,
        name: `${call.name}/${outside}`,
        opType: 'Identity',
        domain: '',
        overload: '',
        inputs,
        outputs: [outside],
        attributes: [],
      },
    ];
  });
  return [...nodes, ...handed];
}

/** References to the function's attributes become what the call gives; what it leaves out is left out. */
function withAttributes(node: Node, given: ReadonlyMap<string, Attribute>): Node {
  const attributes = node.attributes.flatMap((attribute): Attribute[] => {
    if (attribute.kind !== 'reference') return [attribute];
    const value = given.get(attribute.refName);
    return value === undefined ? [] : [{ ...value, name: attribute.name }];
  });
  return mapSubgraphs({ ...node, attributes }, (graph) => ({
    ...graph,
    nodes: graph.nodes.map((inner) => withAttributes(inner, given)),
  }));
}
