/**
 * Bodies: the graphs inside If, Loop, Scan and of functions, from TypeScript functions that are called once to see what
 * they make. What a function makes belongs to its body; what it uses from outside is captured. The two are told apart
 * by when they were made: calls are numbered as they are made, and a body is a range of numbers. So there is no graph
 * that would have to be the current one.
 */
import { badInput } from '../errors.js';
import { Identity } from '../generated/operators.js';
import type { Graph, ValueType } from '../model/model.js';
import { valueInfo } from '../model/plain.js';
import { CallSite } from './call-site.js';
import { makeValue, nextSerial } from './make-node.js';
import { type AnyValue, type Call, type Source, type TypeName, Value } from './value.js';

export interface Body {
  /** Of which operator or function. */
  readonly owner: string;
  readonly inputs: readonly AnyValue[];
  readonly outputs: readonly AnyValue[];
  /** Serial numbers of the calls made inside: from the first on, before the end. */
  readonly first: number;
  readonly end: number;
}

/** Calls `make` with inputs of these types and keeps what it makes. Each output is a node of the body's own. */
export function traceBody(
  owner: string,
  inputs: readonly { readonly name: string; readonly type: ValueType }[],
  make: (...inputs: AnyValue[]) => readonly AnyValue[],
): Body {
  const site = new CallSite();
  const values = inputs.map(({ name, type }) => new Value<TypeName>(type, { kind: 'input', name, site, owner }, name));
  const first = nextSerial();
  const made = make(...values);
  const taken = new Set<Source>();
  const outputs = made.map((value, index) => {
    if (!(value instanceof Value)) throw badInput(`output ${index} of the body of ${owner} is no value of a graph`);
    const { source } = value;
    const isOwn = source.kind === 'output' && source.call.serial >= first && !taken.has(source);
    const own = isOwn ? value : makeValue<TypeName>(Identity, [value]);
    taken.add(own.source);
    return value.name === undefined || own === value ? own : own.named(value.name);
  });
  return { owner, inputs: values, outputs, first, end: nextSerial() };
}

export function isInside({ first, end, inputs }: Body, source: Source): boolean {
  if (source.kind === 'output') return source.call.serial >= first && source.call.serial < end;
  return inputs.some((input) => input.source === source);
}

/** What inference sees of a body: the types of its outputs. */
export function outline(body: Body): Graph {
  return {
    // Two bodies are never the same attribute, whatever they give.
    name: `${body.owner} ${body.first}`,
    docString: '',
    inputs: [],
    outputs: body.outputs.map(({ type }, index) => valueInfo(String(index), type)),
    initializers: [],
    sparseInitializers: [],
    nodes: [],
    valueInfo: [],
    metadata: {},
  };
}

/** The bodies of a call, its graph attributes and the function it calls alike. */
export function bodiesOf({ bodies, fn }: Call): readonly Body[] {
  return fn === undefined ? [...(bodies?.values() ?? [])] : [];
}
