/**
 * A model's graph as values of a graph under construction: each node is applied again, in the newest form of its
 * operator, to the values that its inputs have become. So whatever can be done to a graph that was built here (be
 * differentiated, be part of another) can be done to one that was read from a file.
 */
import {
  type AnyValue,
  badInput,
  type CalledFunction,
  callBody,
  calledFunctions,
  capturesOf,
  constant,
  constantNodeTensor,
  type Dim,
  type Graph,
  graphAttribute,
  type LocalFunction,
  type Model,
  type Node,
  nodeName,
  type OperatorSchema,
  op,
  RheobaseError,
  tensorOf,
  type Value,
} from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import { labelCall } from '../graph/labels.js';
import { integers } from '../graph/operators.js';
import { integersOf } from '../graph/values.js';
import { inFloat32, widened } from './float32.js';
import { applyNode } from './modern-node.js';

/** Values by their names in the model. */
export type Scope = ReadonlyMap<string, AnyValue>;

const SCHEMAS: ReadonlyMap<string, OperatorSchema> = new Map(
  Object.values(schemas).map((schema) => [schema.opType, schema]),
);

/** The batch size that a model is written for, and the one it is used with. */
export interface FixedBatch {
  readonly written: number;
  readonly now: Dim;
}

/** The domains that ONNX's own operators may be written under. */
const ONNX_DOMAINS: ReadonlySet<string> = new Set(['', 'ai.onnx']);

/** Functions may not call themselves; deeper than this they do. */
const MAX_CALLS = 64;

/**
 * Values of a model's main graph: those given, and all that `wanted` ones are computed from.
 * @param given inputs, and initializers that are to be something else, by name.
 * @param fixedBatch where the model is written for batches of one size.
 * @throws RheobaseError `bad-input` naming the node where an operator is not of ONNX, or of an opset too old.
 */
export function importModel(model: Model, given: Scope, wanted: readonly string[], fixedBatch?: FixedBatch): Scope {
  return new Import(model, fixedBatch).graph(model.graph, given, wanted, model.opsets[''] ?? 0);
}

class Import {
  #calls = 0;
  readonly #functionOf: CalledFunction;

  constructor(
    model: Model,
    private readonly fixedBatch: FixedBatch | undefined,
  ) {
    this.#functionOf = calledFunctions(model);
  }

  graph(graph: Graph, outer: Scope, wanted: readonly string[], opset: number): Scope {
    const scope = new Map(outer);
    for (const tensor of graph.initializers) {
      if (!outer.has(tensor.name)) scope.set(tensor.name, constant(widened(tensorOf(tensor)), tensor.name));
    }
    const [sparse] = graph.sparseInitializers;
    if (sparse !== undefined)
      throw badInput(`the sparse initializer '${sparse.values.name}' cannot be trained through`);
    for (const node of neededNodes(graph.nodes, wanted)) this.#node(inFloat32(node), scope, opset);
    return scope;
  }

  #node(node: Node, scope: Map<string, AnyValue>, opset: number): void {
    try {
      const made = this.#apply(node, scope, opset);
      for (const [index, name] of node.outputs.entries()) {
        const value = made[index];
        if (name === '' || value === undefined) continue;
        labelCall(value as Value, labelOf(node));
        scope.set(name, value.name === undefined ? value.named(name) : value);
      }
    } catch (error) {
      throw error instanceof RheobaseError ? new RheobaseError(error.code, error.what, detailsOf(error, node)) : error;
    }
  }

  #apply(node: Node, scope: Scope, opset: number): readonly (AnyValue | undefined)[] {
    const fixed = constantNodeTensor(node);
    if (fixed !== undefined) return [constant(widened(tensorOf(fixed)), node.outputs[0])];
    const fn = this.#functionOf(node);
    if (fn !== undefined) return this.#function(node, fn, scope);
    const inputs = node.inputs.map((name) => (name === '' ? null : named(scope, name)));
    const schema = ONNX_DOMAINS.has(node.domain) ? SCHEMAS.get(node.opType) : undefined;
    if (schema === undefined) {
      throw badInput(`${node.opType} is no operator of ONNX${node.domain === '' ? '' : ` (domain ${node.domain})`}`, {
        remedy: 'export the model without fused or custom operators',
      });
    }
    return (
      this.#control(node, scope, opset, inputs) ??
      applyNode(node, schema, opset, withOpenBatch(node, inputs as readonly (Value | null)[], this.fixedBatch))
    );
  }

  /** A function of the model in the place of its call, which sees what the call gives it and has an opset of its own. */
  #function(call: Node, fn: LocalFunction, scope: Scope): readonly (AnyValue | undefined)[] {
    if (this.#calls >= MAX_CALLS) throw badInput(`the function ${fn.name} calls itself`);
    this.#calls += 1;
    const given = call.inputs.filter((name) => name !== '');
    const inside = new Map(given.map((name) => [name, named(scope, name)]));
    const wanted = call.outputs.filter((name) => name !== '');
    for (const inner of neededNodes(callBody(call, fn), wanted)) {
      this.#node(inFloat32(inner), inside, fn.opsets[''] ?? 0);
    }
    this.#calls -= 1;
    return call.outputs.map((name) => (name === '' ? undefined : named(inside, name)));
  }

  /** If, Loop and Scan, their bodies imported in turn; undefined for another operator. */
  #control(
    node: Node,
    scope: Scope,
    opset: number,
    inputs: readonly (AnyValue | null)[],
  ): readonly AnyValue[] | undefined {
    const body = (name: string, given: readonly AnyValue[] = []): AnyValue[] => {
      const graph = bodyNamed(node, name);
      const inner = new Map(scope);
      for (const [index, info] of graph.inputs.entries()) if (given[index]) inner.set(info.name, given[index]);
      const outputs = graph.outputs.map((output) => output.name);
      const made = this.graph(graph, inner, outputs, opset);
      return outputs.map((output) => named(made, output));
    };
    if (node.opType === 'If') {
      return op.ifElse(
        inputs[0] as Value<'bool'>,
        () => body('then_branch'),
        () => body('else_branch'),
      );
    }
    if (node.opType === 'Loop') {
      const [count, condition, ...state] = inputs;
      const going = condition == null ? constant(true, 'bool') : (condition as Value<'bool'>);
      const { state: last, collected } = op.loop(
        { ...(count == null ? {} : { count: count as Value<'int64'> }), condition: going, state: present(state) },
        (round, ...held) => {
          const [next, ...rest] = body('body', [round, going, ...held]);
          const states = rest.slice(0, held.length);
          return { state: states, continue: next as Value<'bool'>, collect: rest.slice(held.length) as Value[] };
        },
      );
      return [...last, ...collected];
    }
    return undefined;
  }
}

function present(values: readonly (AnyValue | null)[]): AnyValue[] {
  return values.map((value) => value ?? throwMissing('an input is left out that must be there'));
}

function throwMissing(what: string): never {
  throw badInput(what);
}

/** Nodes behind the wanted values, in their order; a node needs what its subgraphs capture, too. */
function neededNodes(nodes: readonly Node[], wanted: readonly string[]): Node[] {
  const needed = new Set(wanted);
  const kept: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    kept.push(node);
    for (const name of node.inputs) needed.add(name);
    for (const { kind, value } of node.attributes.filter((attribute) => attribute.kind === 'graph')) {
      if (kind === 'graph') for (const name of capturesOf(value)) needed.add(name);
    }
  }
  return kept.reverse();
}

function bodyNamed(node: Node, name: string): Graph {
  return graphAttribute(node, name) ?? throwMissing(`${node.opType}: its graph '${name}' is missing`);
}

function named(scope: Scope, name: string): AnyValue {
  const value = scope.get(name);
  if (value === undefined) throw badInput(`reads '${name}', which nothing gives`);
  return value;
}

function labelOf(node: Node): string {
  return `node '${nodeName(node)}' (${node.opType})`;
}

function detailsOf({ where, remedy, cause }: RheobaseError, node: Node) {
  const isNode = where?.startsWith("node '") === true;
  return { where: isNode ? where : labelOf(node), ...(remedy === undefined ? {} : { remedy }), cause };
}

/**
 * The inputs of a Reshape that wrote the batch down as a number, because the model was exported for batches of one
 * size: where its input begins with the batch, so does its output (an extent of 0 copies that of the input).
 */
function withOpenBatch(node: Node, inputs: readonly (Value | null)[], fixedBatch: FixedBatch | undefined) {
  const [x, shape] = inputs;
  const extents = node.opType === 'Reshape' ? integersOf(shape ?? undefined) : undefined;
  if (fixedBatch === undefined || extents?.[0] !== fixedBatch.written || x?.shape?.[0] !== fixedBatch.now)
    return inputs;
  return [x ?? null, integers([0, ...extents.slice(1)]), ...inputs.slice(2)];
}
