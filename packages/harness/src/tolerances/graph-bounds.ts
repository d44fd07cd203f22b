/**
 * The error bound of every value of a model: nodes in topological order, each adding its own error to what comes in.
 * Inputs and weights are exact. Bodies of control flow are walked with the values around them: an If gives the wider of
 * its branches, a Loop or Scan adds up over its iterations.
 */
import {
  type CalledFunction,
  calledFunctions,
  type Graph,
  inferModelTypes,
  inlineFunctions,
  isFloat,
  type LocalFunction,
  type Model,
  type ModelTypes,
  type Node,
  subgraphsOf,
  type ValueType,
} from '@rheobase/exporter';
import type { DType } from '@rheobase/exporter/tensor';
import type { Arithmetic } from './default-tolerances.js';
import { type ErrorBound, NO_ERROR, sumOf, times, total, widest } from './error-bound.js';
import { outputBound } from './operator-bounds.js';
import type { Extents } from './reduction-length.js';

export type Shapes = Readonly<Record<string, readonly number[]>>;

/** What is known of one node's part in the error, for nodes taken alone too. */
export interface GraphBounds {
  /** Of a value anywhere in the main graph; undefined for names it does not have. */
  boundOf(value: string): ErrorBound | undefined;
}

/**
 * `shapes` are those that the inputs are fed with: lengths of sums depend on them. Functions of the model are taken apart,
 * so that types and shapes inside of them are known too; what a value in one is called, `inlineFunctions` tells.
 */
export function graphBounds(model: Model, arithmetic: Arithmetic, shapes: Shapes = {}): GraphBounds {
  const bounds = new Walk(fedWith(inlineFunctions(model), shapes), arithmetic).main();
  return { boundOf: (value) => bounds.get(value) };
}

function fedWith(model: Model, shapes: Shapes): Model {
  const inputs = model.graph.inputs.map((info) => {
    const shape = Object.hasOwn(shapes, info.name) ? shapes[info.name] : undefined;
    return shape === undefined || info.type.kind !== 'tensor' ? info : { ...info, type: { ...info.type, shape } };
  });
  return { ...model, graph: { ...model.graph, inputs } };
}

/** Distance from 1 to the next number. Narrower formats are results of quantisation, compared in steps. */
const EPSILON: Readonly<Partial<Record<DType, number>>> = {
  float64: 2 ** -52,
  complex128: 2 ** -52,
  float32: 2 ** -23,
  complex64: 2 ** -23,
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
};
/** One step of 8 bits, relative to the largest number. */
const QUANTISATION_STEP = 1 / 127;
/** Iterations of a Loop: how many there will be is not known before it runs. */
const ITERATIONS = 16;
const MAX_CALLS = 64;

type Known = ReadonlyMap<string, ErrorBound>;

class Walk {
  private readonly types: ModelTypes;
  private readonly functionOf: CalledFunction;
  private calls = 0;

  constructor(
    private readonly model: Model,
    private readonly arithmetic: Arithmetic,
  ) {
    this.types = inferModelTypes(model);
    this.functionOf = calledFunctions(model);
  }

  main(): Known {
    return this.graph(this.model.graph, new Map(), []);
  }

  /** Bounds of the values of a graph whose inputs have the `given` ones. */
  private graph(graph: Graph, outer: Known, given: readonly ErrorBound[]): Known {
    const known = new Map(outer);
    for (const [index, { name }] of graph.inputs.entries()) known.set(name, given[index] ?? NO_ERROR);
    this.nodes(graph.nodes, known, (name) => this.types.typeOf(graph, name));
    return known;
  }

  private nodes(
    nodes: readonly Node[],
    known: Map<string, ErrorBound>,
    typeOf: (name: string) => ValueType | undefined,
  ): void {
    for (const node of nodes) {
      const inputs = node.inputs.map((name) => known.get(name) ?? NO_ERROR);
      const outputs = this.node(node, inputs, known, typeOf);
      for (const [index, name] of node.outputs.entries()) {
        if (name !== '') known.set(name, forType(outputs[index] ?? widest(outputs), typeOf(name), node));
      }
    }
  }

  private node(
    node: Node,
    inputs: readonly ErrorBound[],
    known: Known,
    typeOf: (name: string) => ValueType | undefined,
  ): readonly ErrorBound[] {
    const fn = this.functionOf(node);
    if (fn !== undefined) return this.call(fn, inputs);
    if (subgraphsOf(node).length > 0) return this.controlFlow(node, inputs, known, typeOf);
    const [output = ''] = node.outputs;
    const bound = outputBound({
      node,
      inputs,
      inputShapes: node.inputs.map((name) => extentsOf(typeOf(name))),
      outputShape: extentsOf(typeOf(output)),
      epsilon: epsilonOf(typeOf(output)) ?? epsilonOf(typeOf(node.inputs[0] ?? '')) ?? 0,
      arithmetic: this.arithmetic,
    });
    return [bound];
  }

  private call(fn: LocalFunction, inputs: readonly ErrorBound[]): readonly ErrorBound[] {
    if (this.calls >= MAX_CALLS) return [widest(inputs)];
    this.calls += 1;
    const known = new Map(fn.inputs.map((name, index) => [name, inputs[index] ?? NO_ERROR]));
    this.nodes(fn.nodes, known, () => undefined);
    this.calls -= 1;
    return fn.outputs.map((name) => known.get(name) ?? NO_ERROR);
  }

  private controlFlow(
    node: Node,
    inputs: readonly ErrorBound[],
    outer: Known,
    typeOf: (name: string) => ValueType | undefined,
  ): readonly ErrorBound[] {
    const isIf = node.opType === 'If';
    // What a Loop carries starts after its trip count and condition, and comes out of the body after the condition.
    const given = isIf ? [] : node.opType === 'Loop' ? [NO_ERROR, NO_ERROR, ...inputs.slice(2)] : inputs;
    const skipped = node.opType === 'Loop' ? 1 : 0;
    const branches = subgraphsOf(node).map((graph) => {
      const known = this.graph(graph, outer, given);
      return graph.outputs.slice(skipped).map(({ name }) => known.get(name) ?? NO_ERROR);
    });
    const iterations = isIf ? 1 : iterationsOf(node, typeOf);
    return node.outputs.map((_, index) => {
      const once = widest(branches.map((outputs) => outputs[index] ?? NO_ERROR));
      return iterations === 1 ? once : sumOf([widest(inputs), times(once, iterations)]);
    });
  }
}

function iterationsOf(node: Node, typeOf: (name: string) => ValueType | undefined): number {
  if (node.opType !== 'Scan') return ITERATIONS;
  return Math.min(ITERATIONS, extentsOf(typeOf(node.inputs.at(-1) ?? ''))?.[0] ?? ITERATIONS);
}

/** Integers are exact, but for those that stand for real numbers: there an error before rounding may move them a step. */
function forType(bound: ErrorBound, type: ValueType | undefined, { opType }: Node): ErrorBound {
  if (type?.kind !== 'tensor' || isFloat(type.dtype) || type.dtype.startsWith('complex')) return bound;
  if (!/Quant|QLinear|Integer/.test(opType) || total(bound) === 0) return NO_ERROR;
  return { relative: 0, scale: total(bound) + QUANTISATION_STEP, absolute: 0 };
}

function epsilonOf(type: ValueType | undefined): number | undefined {
  return type?.kind === 'tensor' ? EPSILON[type.dtype] : EPSILON.float32;
}

function extentsOf(type: ValueType | undefined): Extents {
  if (type?.kind !== 'tensor' || type.shape === null) return null;
  const extents = type.shape.filter((dim) => typeof dim === 'number');
  return extents.length === type.shape.length ? extents : null;
}
