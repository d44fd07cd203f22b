/** The functions that a model's calls need, each body once. */
import { constantNode } from '../analysis/constant-node.js';
import { badInput } from '../errors.js';
import type { LocalFunction, Node } from '../model/model.js';
import { constantsOf, type EmitContext, nodesOf } from './emit.js';
import type { FittedCall } from './fit-opset.js';
import { nameAll } from './names.js';
import { type Call, type FunctionDefinition, placeOf } from './value.js';
import { type Reached, walkBack } from './walk.js';

/** Collects functions while calls of them are written. */
export class LocalFunctions {
  readonly #byCall = new Map<Call, string>();
  readonly #byContent = new Map<string, LocalFunction>();
  readonly #names = new Map<string, number>();
  readonly #opset: number;
  readonly #fit: (call: Call) => FittedCall;

  constructor(opset: number, fit: (call: Call) => FittedCall) {
    this.#opset = opset;
    this.#fit = fit;
  }

  /** In the order in which calls first needed them; inner ones before those that call them. */
  get all(): LocalFunction[] {
    return [...this.#byContent.values()];
  }

  /** The name a call has in the model. */
  opTypeOf(call: Call): string {
    if (call.fn === undefined) return call.schema.opType;
    const known = this.#byCall.get(call) ?? this.#define(call.fn, call);
    this.#byCall.set(call, known);
    return known;
  }

  #define(fn: FunctionDefinition, call: Call): string {
    const nodes = this.#nodes(fn, call);
    const content = JSON.stringify([fn.domain, fn.name, fn.inputNames, fn.outputNames, nodes], withoutSharing);
    const same = this.#byContent.get(content);
    if (same !== undefined) return same.name;
    const key = `${fn.domain}:${fn.name}`;
    const count = (this.#names.get(key) ?? 0) + 1;
    this.#names.set(key, count);
    const name = count === 1 ? fn.name : `${fn.name}_${count}`;
    this.#byContent.set(content, this.#function(fn, name, nodes));
    return name;
  }

  #nodes(fn: FunctionDefinition, call: Call): Node[] {
    const { inputs, outputs } = fn.body;
    const reached = walkBack(outputs, this.#fit, fn.body);
    const [captured] = reached.captures;
    if (captured !== undefined) {
      throw badInput(`the function ${fn.name} takes ${captured.label} from outside`, {
        ...placeOf(call.site),
        remedy: 'make it an argument',
      });
    }
    const named = (names: readonly string[], values: typeof inputs) =>
      values.map((value, index) => [names[index], value] as const);
    const names = nameAll(named(fn.inputNames, inputs), named(fn.outputNames, outputs), reached);
    const context: EmitContext = { names, opTypeOf: (inner) => this.opTypeOf(inner) };
    return [...constantsOf(reached, names).map(constantNode), ...nodesOf(reached, context)];
  }

  #function(fn: FunctionDefinition, name: string, nodes: readonly Node[]): LocalFunction {
    const domains = new Set(nodes.map(({ domain }) => domain).filter((domain) => domain !== ''));
    return {
      name,
      domain: fn.domain,
      overload: '',
      inputs: fn.inputNames,
      outputs: fn.outputNames,
      attributeNames: [],
      attributeDefaults: [],
      nodes,
      opsets: { '': this.#opset, ...Object.fromEntries(Array.from(domains, (domain) => [domain, 1])) },
      valueInfo: [],
      docString: fn.docString,
      metadata: {},
    };
  }
}

/** Bodies are equal where their texts are; tensors by their elements, integers as text. */
function withoutSharing(key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array, String);
  if (key === 'content') return (value as { data(): unknown }).data();
  return value;
}

/** All calls of functions and operators in a scope and those inside it. */
export function* callsIn(reached: Reached): Iterable<Call> {
  for (const { call } of reached.calls) yield call;
  for (const inner of reached.bodies.values()) yield* callsIn(inner);
}
