/**
 * Calls of functions that a model defines itself: which function a node calls, and what the nodes of its body are in one
 * call. A body refers to attributes of the function by name; a call gives them, or leaves them to their defaults.
 */
import type { Attribute, Graph, LocalFunction, Model, Node } from '../model/model.js';
import { valueInfo } from '../model/plain.js';
import { mapSubgraphs } from './reads.js';

/** The function that a node calls, undefined for an operator. */
export type CalledFunction = (node: Node) => LocalFunction | undefined;

export function calledFunctions({ functions }: Pick<Model, 'functions'>): CalledFunction {
  if (functions.length === 0) return () => undefined;
  // Of two with one name, which is no valid model, the first counts.
  const byKey = new Map(functions.toReversed().map((fn) => [keyOf(fn.domain, fn.name, fn.overload), fn]));
  return ({ domain, opType, overload }) => byKey.get(keyOf(domain, opType, overload));
}

/** A function's body as a graph, whose inputs and outputs have no types. */
export function bodyGraph({ name, inputs, outputs, nodes, valueInfo: types }: LocalFunction): Graph {
  return {
    name,
    docString: '',
    inputs: inputs.map((input) => valueInfo(input)),
    outputs: outputs.map((output) => valueInfo(output)),
    initializers: [],
    sparseInitializers: [],
    nodes,
    valueInfo: types,
    metadata: {},
  };
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

/**
 * A node of a function's body with the attributes of a call in place of its references, in its subgraphs too. What the
 * call leaves out and has no default is left out.
 */
export function withCallAttributes(inner: Node, call: Node, fn: LocalFunction): Node {
  return withAttributes(inner, (name) => {
    const isIt = (attribute: Attribute): boolean => attribute.name === name;
    return call.attributes.find(isIt) ?? fn.attributeDefaults.find(isIt);
  });
}

function withAttributes(node: Node, given: (name: string) => Attribute | undefined): Node {
  const refers = node.attributes.some(({ kind }) => kind === 'reference');
  const attributes = refers ? node.attributes.flatMap((attribute) => resolved(attribute, given)) : node.attributes;
  return mapSubgraphs(refers ? { ...node, attributes } : node, (graph) => {
    const nodes = graph.nodes.map((inner) => withAttributes(inner, given));
    return nodes.every((inner, index) => inner === graph.nodes[index]) ? graph : { ...graph, nodes };
  });
}

function resolved(attribute: Attribute, given: (name: string) => Attribute | undefined): Attribute[] {
  if (attribute.kind !== 'reference') return [attribute];
  const value = given(attribute.refName);
  return value === undefined ? [] : [{ ...value, name: attribute.name }];
}
