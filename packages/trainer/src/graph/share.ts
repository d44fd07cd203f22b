/**
 * Common subexpressions, by value numbering: two calls of one operator with the same attributes on the same inputs are
 * one. Rules stay simple, each asking for the shape or the mask it needs; here they come to share it, with each other
 * and with the forward graph.
 *
 * Source: Muchnick, Advanced Compiler Design and Implementation (1997), section 12.4.
 */
import { Value } from '@rheobase/exporter';
import type { Call, Source } from './values.js';
import { callsBehind } from './walk.js';

/** `values`, computed with as few calls as there are different ones; calls behind `existing` are kept as they are. */
export function shareCommon(values: readonly Value[], existing: readonly Value[]): Value[] {
  const table = new Table();
  const kept = callsBehind([...existing]);
  for (const call of kept) table.keep(call);
  for (const value of existing) table.note(value.source);
  for (const call of callsBehind(values)) table.enter(call);
  return values.map((value) => table.renewed(value));
}

/** Constants longer than this are compared by identity. */
const COMPARED_ELEMENTS = 64;

/** Operators that draw random numbers: two calls are two draws. */
const DRAWN: ReadonlySet<string> = new Set([
  ...['Bernoulli', 'Dropout', 'Multinomial', 'RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike'],
]);

class Table {
  readonly #numbers = new Map<Source | string, number>();
  readonly #byKey = new Map<string, Call>();
  readonly #renewed = new Map<Call, Call>();
  readonly #sources = new Map<Call, Map<number, Source>>();

  /** A call that stays; later ones like it become it. */
  keep(call: Call): void {
    for (const input of call.inputs) if (input !== null) this.note(input.source);
    if (this.#renewed.has(call)) return;
    this.#renewed.set(call, call);
    const key = this.#key(call);
    if (!this.#byKey.has(key)) this.#byKey.set(key, call);
  }

  enter(call: Call): void {
    if (this.#renewed.has(call)) return;
    for (const input of call.inputs) if (input !== null) this.note(input.source);
    const inputs = call.inputs.map((input) => input && this.renewed(input));
    const changed = inputs.some((input, index) => input?.source !== call.inputs[index]?.source);
    const own = changed ? { ...call, inputs } : call;
    const key = this.#key(own);
    const former = this.#byKey.get(key) ?? own;
    this.#byKey.set(key, former);
    this.#renewed.set(call, former);
  }

  renewed(value: Value): Value {
    const { source, type, name } = value;
    this.note(source);
    if (source.kind !== 'output') return value;
    const call = this.#renewed.get(source.call) ?? source.call;
    // Not by the call alone: where a call that became this one was used first, its output already has another source.
    const shared = this.#sourceOf(call, source.index);
    return shared === source ? value : new Value(type, shared, name);
  }

  /** One source for each output of a call: the graph's own where it has one. */
  #sourceOf(call: Call, index: number): Source {
    let sources = this.#sources.get(call);
    if (sources === undefined) {
      sources = new Map();
      this.#sources.set(call, sources);
    }
    const source = sources.get(index) ?? { kind: 'output', call, index };
    sources.set(index, source);
    return source;
  }

  /** Of several sources of one output, the first noted is everybody's. */
  note(source: Source): void {
    if (source.kind !== 'output') return;
    const sources = this.#sources.get(source.call) ?? new Map<number, Source>();
    if (!sources.has(source.index)) sources.set(source.index, source);
    this.#sources.set(source.call, sources);
  }

  #key({ schema, inputs, attributes, outputs }: Call): string {
    const operands = inputs.map((input) => (input === null ? '' : this.#number(input.source)));
    const settings = Array.from(attributes, ([name, { kind, value }]) => `${name}=${kind}:${this.#text(value)}`).sort();
    if (DRAWN.has(schema.opType)) return `drawn#${this.#identity(attributes)}`;
    return `${schema.domain}:${schema.opType}(${operands}){${settings}}${outputs.length}`;
  }

  #text(value: unknown): string {
    if (value instanceof Uint8Array || Array.isArray(value)) return value.join(',');
    return typeof value === 'object' ? `#${this.#identity(value as object)}` : String(value);
  }

  #number(source: Source): number {
    if (source.kind === 'output') return this.#identity(this.#sourceOf(source.call, source.index));
    if (source.kind === 'constant' && source.tensor.data.length <= COMPARED_ELEMENTS) {
      const { dtype, shape, data } = source.tensor;
      const bits = Array.from(data as ArrayLike<unknown>, (element) =>
        Object.is(element, -0) ? '-0' : String(element),
      );
      return this.#identity(`${dtype}[${shape}]${bits.join()}`);
    }
    return this.#identity(source);
  }

  #identity(thing: object | string): number {
    const key = thing as Source | string;
    const number = this.#numbers.get(key) ?? this.#numbers.size;
    this.#numbers.set(key, number);
    return number;
  }
}
