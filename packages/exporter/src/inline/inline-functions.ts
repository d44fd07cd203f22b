/**
 * A model without calls of its own functions: each gives way to the nodes of the function, so that they can be seen and
 * blamed like any other. ONNX Runtime does the same when it loads a model. Inner values get the name of the call's first
 * output in front, by which two models of the same calls still match.
 */
import { type CalledFunction, calledFunctions, withCallAttributes } from '../analysis/calls.js';
import { definedNames, definedNamesDeep, mapSubgraphs, renameValues, subgraphsOf } from '../analysis/reads.js';
import { operatorAt } from '../analysis/registry.js';
import type { LocalFunction, Model, Node } from '../model/model.js';
import { FreeNames } from './free-names.js';

/** Functions that call each other in a circle are no valid model; this ends what they would start. */
const MAX_DEPTH = 32;

/**
 * The model with the bodies of functions in the places of their calls, also of calls in subgraphs and in other functions.
 * Calls of functions whose operators mean something else in the model's version of an operator set stay calls.
 */
export function inlineFunctions(model: Model): Model {
  const functions = model.functions.filter((fn) => fits(fn, model));
  if (functions.length === 0) return model;
  const inlining = new Inlining(calledFunctions({ functions }), new FreeNames(new Set(definedNamesDeep(model.graph))));
  const nodes = inlining.nodes(model.graph.nodes, 0);
  if (nodes.every((node, index) => node === model.graph.nodes[index])) return model;
  const opsets = Object.assign({}, ...functions.map((fn) => fn.opsets), model.opsets);
  return { ...model, opsets, graph: { ...model.graph, nodes } };
}

/** Whether the function's nodes are the same operators under the model's imports. */
function fits({ opsets, nodes }: LocalFunction, { opsets: imported }: Model): boolean {
  return Object.entries(opsets).every(([domain, version]) => {
    const other = imported[domain] ?? version;
    return other === version || (domain === '' && nodes.every((node) => isAlike(node, version, other)));
  });
}

function isAlike(node: Node, opset: number, other: number): boolean {
  const isSame = node.domain !== '' || operatorAt(node.opType, opset)?.since === operatorAt(node.opType, other)?.since;
  return isSame && subgraphsOf(node).every(({ nodes }) => nodes.every((inner) => isAlike(inner, opset, other)));
}

class Inlining {
  constructor(
    private readonly functionOf: CalledFunction,
    private readonly names: FreeNames,
  ) {}

  nodes(nodes: readonly Node[], depth: number): readonly Node[] {
    return nodes.flatMap((node) => {
      const called = this.functionOf(node);
      if (called !== undefined && depth < MAX_DEPTH) {
        return this.nodes(callBody(node, called, this.names), depth + 1);
      }
      return [
        mapSubgraphs(node, (graph) => {
          const inner = this.nodes(graph.nodes, depth);
          return inner.every((one, index) => one === graph.nodes[index]) ? graph : { ...graph, nodes: inner };
        }),
      ];
    });
  }
}

/**
 * The nodes of a function in the place of one call: reading what the call reads, giving what it gives, with its
 * attributes. What a call leaves out is left out inside, too.
 * @param names of the graph around the call, which inner values do not take.
 */
export function callBody(
  call: Node,
  called: LocalFunction,
  names = new FreeNames(new Set([...call.inputs, ...call.outputs])),
): readonly Node[] {
  const prefix = call.outputs.find((name) => name !== '') ?? call.name;
  const outside = new Map(called.inputs.map((name, index) => [name, call.inputs[index] ?? '']));
  const handed: Node[] = [];
  for (const [index, name] of called.outputs.entries()) {
    const given = call.outputs[index] ?? '';
    if (given === '') continue;
    // An output that is an input of the function, or another output of it, is made by none of its nodes.
    if (outside.has(name)) handed.push(identity(call, outside.get(name) ?? '', given));
    else outside.set(name, given);
  }
  const inside = new Map<string, string>();
  const own = (name: string): string => {
    if (name === '') return '';
    const known = inside.get(name) ?? names.claim(`${prefix}/${name}`, prefix);
    inside.set(name, known);
    return known;
  };
  const nodes = called.nodes.map((node, index) => ({
    ...renamedThroughout(withCallAttributes(node, call, called), (name) => outside.get(name) ?? own(name), own),
    name: `${call.name || prefix}/${node.name || `${node.opType}_${index}`}`,
  }));
  return [...nodes, ...handed];
}

/** A node with other names for what it reads and gives, and its bodies with other names for what they define. */
function renamedThroughout(node: Node, seen: (name: string) => string, own: (name: string) => string): Node {
  const renamed = { ...node, inputs: node.inputs.map(seen), outputs: node.outputs.map(seen) };
  return mapSubgraphs(renamed, (graph) => {
    const local = definedNames(graph);
    const inner = (name: string): string => (local.has(name) ? own(name) : seen(name));
    const nodes = graph.nodes.map((one) => renamedThroughout(one, inner, own));
    return { ...renameValues({ ...graph, nodes: [] }, inner), nodes };
  });
}

function identity(call: Node, input: string, output: string): Node {
  const bare = { ...call, name: `${call.name}/${output}`, opType: 'Identity', domain: '', overload: '' };
  return { ...bare, inputs: [input], outputs: [output], attributes: [] };
}
