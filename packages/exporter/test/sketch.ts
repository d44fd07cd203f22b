/**
 * Graphs written as text, for tests that need a graph just so, right or wrong:
 *
 *     sketch(`
 *       input x float32 [n,4]
 *       constant theta float32 [] 0.5
 *       mask = Greater(x, theta)
 *       cast = Cast(mask) to=1
 *       y = Mul(x, cast)
 *       output y float32
 *     `)
 *
 * A line `a, b = Split(x, ) axis=0` has two outputs and an input left out. Nodes are named `Op_output`.
 */

import { constantNode } from '../src/analysis/constant-node.js';
import { fromNumbers } from '../src/analysis/elements.js';
import { initializer } from '../src/model/initializer.js';
import { irVersionFor } from '../src/model/ir-version.js';
import type { Attribute, Graph, LocalFunction, Model, Node, Shape, ValueInfo } from '../src/model/model.js';
import type { DType } from '../src/tensor/index.js';

export interface SketchOptions {
  readonly opset?: number;
  /** Graphs for attributes written `then_branch=@name`. */
  readonly graphs?: Readonly<Record<string, Graph>>;
  readonly opsets?: Readonly<Record<string, number>>;
  readonly functions?: readonly LocalFunction[];
}

export function sketch(text: string, options: SketchOptions = {}): Model {
  const { opset = 21, opsets = { '': opset }, functions = [] } = options;
  return {
    irVersion: irVersionFor(opset, functions.length > 0 ? ['localFunctions'] : []),
    opsets,
    graph: sketchGraph(text, options),
    functions,
    producerName: '',
    producerVersion: '',
    domain: '',
    modelVersion: 0n,
    docString: '',
    metadata: {},
  };
}

export function sketchGraph(text: string, { graphs = {} }: SketchOptions = {}): Graph {
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  const valueInfo: ValueInfo[] = [];
  const initializers: Graph['initializers'][number][] = [];
  const nodes: Node[] = [];
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    if (line === '') continue;
    const [word, name, dtype, shape, ...numbers] = line.split(/\s+/);
    if (word === 'input') inputs.push(info(name, dtype, shape));
    else if (word === 'output') outputs.push(info(name, dtype, shape));
    else if (word === 'value') valueInfo.push(info(name, dtype, shape));
    else if (word === 'constant') {
      const extents = (shapeOf(shape) ?? []).map(Number);
      const tensor = fromNumbers(dtype as DType, numbers.map(Number), extents);
      if (tensor === undefined) throw new Error(line);
      initializers.push(initializer(name, tensor));
    } else nodes.push(node(line, graphs));
  }
  return {
    name: 'main',
    docString: '',
    inputs,
    outputs,
    initializers,
    sparseInitializers: [],
    nodes,
    valueInfo,
    metadata: {},
  };
}

/** A local function from lines of nodes. */
export function sketchFunction(
  domain: string,
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  text: string,
): LocalFunction {
  const { nodes, initializers } = sketchGraph(text);
  return {
    name,
    domain,
    overload: '',
    inputs,
    outputs,
    attributeNames: [],
    attributeDefaults: [],
    nodes: [...initializers.map(constantNode), ...nodes],
    opsets: { '': 21 },
    valueInfo: [],
    docString: '',
    metadata: {},
  };
}

/** A graph back as lines, nodes only: what a test compares. */
export function nodeLines({ nodes }: { readonly nodes: readonly Node[] }): string[] {
  return nodes.map(({ outputs, opType, inputs }) => `${outputs.join(', ')} = ${opType}(${inputs.join(', ')})`);
}

/** Operator types in order. */
export function opTypes({ graph }: Model): string[] {
  return graph.nodes.map(({ opType }) => opType);
}

function node(line: string, graphs: Readonly<Record<string, Graph>>): Node {
  const parts = /^(.*?)\s*=\s*(?:([\w.]+):)?(\w+)\((.*?)\)\s*(.*)$/.exec(line);
  if (parts === null) throw new Error(`not a node: ${line}`);
  const [, left, domain = '', opType, right, rest] = parts;
  const outputs = left.split(',').map((name) => name.trim());
  const inputs = right.trim() === '' ? [] : right.split(',').map((name) => name.trim());
  const attributes = rest === '' ? [] : rest.split(/\s+/).map((text) => attribute(text, graphs));
  return {
    name: `${opType}_${outputs[0]}`,
    opType,
    domain,
    overload: '',
    inputs,
    outputs,
    attributes,
    docString: '',
    metadata: {},
  };
}

function attribute(text: string, graphs: Readonly<Record<string, Graph>>): Attribute {
  const [name, value] = text.split('=');
  if (value.startsWith('@')) return { name, kind: 'graph', value: graphs[value.slice(1)] };
  if (value.startsWith('[')) {
    return { name, kind: 'ints', value: value.slice(1, -1).split(',').filter(Boolean).map(BigInt) };
  }
  if (/^-?\d+$/.test(value)) return { name, kind: 'int', value: BigInt(value) };
  if (/^-?[\d.]+(e-?\d+)?$/.test(value)) return { name, kind: 'float', value: Math.fround(Number(value)) };
  return { name, kind: 'string', value: new TextEncoder().encode(value) };
}

function info(name: string, dtype: string | undefined, shape: string | undefined): ValueInfo {
  const type =
    dtype === undefined
      ? ({ kind: 'unknown' } as const)
      : ({ kind: 'tensor', dtype: dtype as DType, shape: shapeOf(shape) } as const);
  return { name, type, docString: '', metadata: {} };
}

function shapeOf(text: string | undefined): Shape {
  if (text === undefined) return null;
  const inner = text.slice(1, -1);
  if (inner === '') return [];
  return inner.split(',').map((dim) => (/^\d+$/.test(dim) ? Number(dim) : dim === '?' ? null : dim));
}
