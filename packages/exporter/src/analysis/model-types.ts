/**
 * Types of every value in a model: what the file declares, refined by what follows from the nodes. Subgraphs are
 * walked with the values around them, calls of local functions with the types of their arguments. Contradictions are
 * reported and the walk goes on with what the file declares.
 */
import { badInput } from '../errors.js';
import { bodyInputTypes, inferValues, isBatchedScan, type KnownValue } from '../inference/index.js';
import type { AttributeValue, Graph, LocalFunction, Model, Node, ValueType } from '../model/model.js';
import { bindTypes } from '../operators/bind-types.js';
import { typeName } from '../operators/type-name.js';
import { sizeOf } from '../tensor/index.js';
import { type CalledFunction, calledFunctions, withCallAttributes } from './calls.js';
import { constantNodeTensor } from './constant-node.js';
import { evaluate } from './evaluate/index.js';
import { mergeTypes } from './merge-types.js';
import { operatorAt } from './registry.js';

export interface TypeProblem {
  readonly rule: 'types' | 'shapes';
  readonly node: Node;
  readonly message: string;
}

export class ModelTypes {
  private readonly byGraph = new Map<Graph, ReadonlyMap<string, ValueType>>();
  private readonly byName = new Map<string, ValueType | null>();

  /** The type of a value of a graph, undefined where nothing is known. */
  typeOf(graph: Graph, name: string): ValueType | undefined {
    const own = this.byGraph.get(graph)?.get(name);
    return own ?? this.byName.get(name) ?? undefined;
  }

  /** @internal */
  add(graph: Graph, types: ReadonlyMap<string, ValueType>): void {
    this.byGraph.set(graph, types);
    // A name that two graphs use differently is told only by graph.
    for (const [name, type] of types) this.byName.set(name, this.byName.has(name) ? null : type);
  }
}

/** Infers the types of all values; `report` hears of every contradiction. */
export function inferModelTypes(model: Model, report: (problem: TypeProblem) => void = () => {}): ModelTypes {
  const types = new ModelTypes();
  new Walk(model, types, report).graph(model.graph, model.opsets, new Map(), []);
  return types;
}

type Known = ReadonlyMap<string, KnownValue>;
type Opsets = Model['opsets'];

const UNKNOWN: KnownValue = { type: { kind: 'unknown' } };
/** Functions may not call themselves; deeper than this they do. */
const MAX_CALLS = 64;

class Walk {
  private readonly functionOf: CalledFunction;
  /** Before IR version 4 every initializer had to be an input as well, and is a constant all the same. */
  private readonly isOverridable: boolean;
  private calls = 0;

  constructor(
    model: Model,
    private readonly types: ModelTypes,
    private readonly report: (problem: TypeProblem) => void,
  ) {
    this.isOverridable = model.irVersion >= 4;
    this.functionOf = calledFunctions(model);
  }

  /** Walks a graph whose inputs have the `given` types where it declares none; answers the types of its outputs. */
  graph(graph: Graph, opsets: Opsets, outer: Known, given: readonly ValueType[]): ValueType[] {
    const known = new Map(outer);
    const own = new Map<string, ValueType>();
    const set = (name: string, value: KnownValue) => {
      known.set(name, value);
      own.set(name, value.type);
    };
    const inputs = new Set(this.isOverridable ? graph.inputs.map(({ name }) => name) : []);
    for (const [index, { name, type }] of graph.inputs.entries()) {
      set(name, { type: mergeTypes(type, given[index] ?? UNKNOWN.type).type });
    }
    for (const tensor of graph.initializers) if (!inputs.has(tensor.name)) set(tensor.name, knownConstant(tensor));
    for (const { values, shape } of graph.sparseInitializers) {
      if (!inputs.has(values.name)) set(values.name, { type: { kind: 'tensor', dtype: values.dtype, shape } });
    }
    const declared = new Map([...graph.valueInfo, ...graph.outputs].map(({ name, type }) => [name, type]));
    this.nodes(graph.nodes, opsets, known, declared, set);
    this.types.add(graph, own);
    return graph.outputs.map(({ name, type }) => known.get(name)?.type ?? type);
  }

  private nodes(
    nodes: readonly Node[],
    opsets: Opsets,
    known: Known,
    declared: ReadonlyMap<string, ValueType>,
    set: (name: string, value: KnownValue) => void,
  ): void {
    for (const node of nodes) {
      const inputs = node.inputs.map((name) => (name === '' ? undefined : (known.get(name) ?? UNKNOWN)));
      const outputs = this.node(node, opsets, inputs, known);
      for (const [index, name] of node.outputs.entries()) {
        if (name === '') continue;
        const inferred = outputs[index] ?? UNKNOWN;
        const { type, contradiction } = mergeTypes(declared.get(name), inferred.type);
        if (contradiction !== undefined)
          this.report({ rule: 'shapes', node, message: `'${name}' is ${contradiction}` });
        set(name, { ...inferred, type });
      }
    }
  }

  private node(node: Node, opsets: Opsets, inputs: readonly (KnownValue | undefined)[], outer: Known): KnownValue[] {
    const fn = this.functionOf(node);
    if (fn !== undefined) return this.call(node, fn, inputs);
    const constant = constantNodeTensor(node);
    if (constant !== undefined) return [knownConstant(constant)];
    const version = node.domain === '' ? operatorAt(node.opType, opsets[''] ?? 0) : undefined;
    const attributes = this.attributes(node, opsets, inputs, outer);
    if (version === undefined) return [];

    const binding = bindTypes(
      version,
      inputs.map((input) => input && typeName(input.type)),
    );
    if (binding.problem !== undefined) {
      this.report({ rule: 'types', node, message: binding.problem });
      return [];
    }
    try {
      const outputs = inferValues(version, {
        opType: node.opType,
        inputs,
        attributes,
        outputCount: node.outputs.length,
        fail: (problem) => {
          throw badInput(problem);
        },
      });
      const constant = outputs.length === 1 && isSmall(outputs[0].type) ? evaluate(node, inputs, MAX_BYTES) : undefined;
      return constant === undefined ? outputs : outputs.map((output) => ({ ...output, constant }));
    } catch (error) {
      if (!(error instanceof Error && error.name === 'RheobaseError')) throw error;
      this.report({ rule: 'shapes', node, message: error.message });
      return [];
    }
  }

  /** Attributes by name; graphs among them have the types of their outputs filled in. */
  private attributes(
    node: Node,
    opsets: Opsets,
    inputs: readonly (KnownValue | undefined)[],
    outer: Known,
  ): ReadonlyMap<string, AttributeValue> {
    const values = new Map<string, AttributeValue>();
    const walked = (graph: Graph): Graph => {
      const isUntold = isBatchedScan(node, opsets[''] ?? 0);
      const given = isUntold ? [] : bodyInputTypes({ opType: node.opType, inputs, attributes: values });
      const outputs = this.graph(graph, opsets, outer, given);
      return { ...graph, outputs: graph.outputs.map((info, index) => ({ ...info, type: outputs[index] })) };
    };
    const graphs: [string, Graph][] = [];
    for (const attribute of node.attributes) {
      if (attribute.kind === 'graph') graphs.push([attribute.name, attribute.value]);
      else if (attribute.kind !== 'reference') values.set(attribute.name, attribute);
    }
    // What goes into a body depends on the other attributes.
    for (const [name, graph] of graphs) values.set(name, { kind: 'graph', value: walked(graph) });
    return values;
  }

  private call(node: Node, fn: LocalFunction, inputs: readonly (KnownValue | undefined)[]): KnownValue[] {
    if (this.calls >= MAX_CALLS) return [];
    this.calls += 1;
    const known = new Map(fn.inputs.map((name, index) => [name, inputs[index] ?? UNKNOWN]));
    const declared = new Map(fn.valueInfo.map(({ name, type }) => [name, type]));
    const nodes = fn.nodes.map((inner) => withCallAttributes(inner, node, fn));
    this.nodes(nodes, fn.opsets, known, declared, (name, value) => known.set(name, value));
    this.calls -= 1;
    return fn.outputs.map((name) => known.get(name) ?? UNKNOWN);
  }
}

/** Constants larger than this are not computed while walking: they decide no shape. */
const MAX_BYTES = 4096;
/** Constants with more elements decide no shape. */
const MAX_ELEMENTS = 4096;

/** Computing a weight, only to find that it is too large to keep, would take longer than all the rest. */
function isSmall(type: ValueType): boolean {
  const extents = type.kind === 'tensor' ? type.shape : null;
  return extents === null || !(sizeOf(extents.filter((dim) => typeof dim === 'number')) > MAX_ELEMENTS);
}

function knownConstant({ dtype, shape, content }: Graph['initializers'][number]): KnownValue {
  const type: ValueType = { kind: 'tensor', dtype, shape };
  const small = shape.reduce((size, extent) => size * extent, 1) <= MAX_ELEMENTS;
  return content.kind === 'inline' && small ? { type, constant: content.data() } : { type };
}
