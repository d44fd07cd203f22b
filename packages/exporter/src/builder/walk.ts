/**
 * The walk back from a graph's outputs to everything they need, in an order where every value is made before it is
 * used. An explicit stack: a chain of ten thousand nodes must not exhaust the engine's.
 *
 * A call with bodies needs, beside its inputs, what its bodies capture from around them; each body is a scope of its
 * own, walked in turn. Constants of all scopes are those of the outermost one, which subgraphs see as well.
 */
import { newestVersion, parameterAt } from '../operators/schema.js';
import { type Body, bodiesOf, isInside } from './body.js';
import type { FittedCall } from './fit-opset.js';
import type { AnyValue, Call, Source } from './value.js';

type InputSource = Extract<Source, { kind: 'input' }>;
type ConstantSource = Extract<Source, { kind: 'constant' }>;

export interface Reached {
  /** Calls in topological order. */
  readonly calls: readonly ReachedCall[];
  /** Inputs in use, each with a call that uses it. */
  readonly inputs: ReadonlyMap<InputSource, Call>;
  readonly constants: readonly ConstantSource[];
  /** Names wished for, the first wish of each value. */
  readonly wishes: ReadonlyMap<Source, string>;
  /** Values from outside the scope; none of the outermost one. */
  readonly captures: readonly AnyValue[];
  /** The scopes inside, by body. */
  readonly bodies: ReadonlyMap<Body, Reached>;
}

export interface ReachedCall {
  readonly call: Call;
  /** The call as the chosen opset says it. */
  readonly fitted: FittedCall;
  /** Its outputs, undefined where nobody uses one. */
  readonly sources: readonly (Source | undefined)[];
}

/** A call on the way: what it needs, and how far the walk has come with that. */
interface Visit extends ReachedCall {
  readonly sources: (Source | undefined)[];
  readonly needs: readonly (AnyValue | null)[];
  next: number;
}

/**
 * @param fit the call as the chosen opset says it; asked once a call.
 * @param body the scope to stay inside; by default there is nothing outside.
 */
export function walkBack(outputs: readonly AnyValue[], fit: (call: Call) => FittedCall, body?: Body): Reached {
  const calls: Visit[] = [];
  // One entry a call holds all that is known of it: with several such maps, hashing is most of a large graph's time.
  const visits = new Map<Call, Visit>();
  const inputs = new Map<InputSource, Call>();
  const constants = new Set<ConstantSource>();
  const wishes = new Map<Source, string>();
  const captures = new Map<Source, AnyValue>();
  const bodies = new Map<Body, Reached>();

  /** Answers the call to go on to. */
  const note = (value: AnyValue, user: Call | undefined): Visit | undefined => {
    const { source, name } = value;
    if (source.kind === 'constant') constants.add(source);
    else if (body !== undefined && !isInside(body, source)) {
      captures.set(source, value);
      return undefined;
    }
    if (name !== undefined && source.kind !== 'input' && !wishes.has(source)) wishes.set(source, name);
    if (source.kind === 'input' && user !== undefined && !inputs.has(source)) inputs.set(source, user);
    if (source.kind !== 'output') return undefined;
    const known = visits.get(source.call);
    const visit = known ?? start(source.call);
    visit.sources[source.index] = source;
    return known === undefined ? visit : undefined;
  };

  const start = (call: Call): Visit => {
    const fitted = fit(call);
    const sources = new Array<Source | undefined>(call.outputs.length).fill(undefined);
    const needs = call.bodies === undefined ? fitted.inputs : [...fitted.inputs, ...captured(call)];
    const visit = { call, fitted, sources, needs, next: 0 };
    visits.set(call, visit);
    return visit;
  };

  /** What the bodies of a call take from around them. */
  const captured = (call: Call): AnyValue[] =>
    bodiesOf(call).flatMap((inner) => {
      const reached = bodies.get(inner) ?? walkBack(inner.outputs, fit, inner);
      bodies.set(inner, reached);
      for (const source of reached.constants) constants.add(source);
      return reached.captures;
    });

  for (const output of outputs) {
    const first = note(output, undefined);
    const stack = first === undefined ? [] : [first];
    while (stack.length > 0) {
      const visit = stack[stack.length - 1];
      if (visit.next === visit.needs.length) {
        calls.push(visit);
        stack.pop();
        continue;
      }
      const needed = visit.needs[visit.next];
      visit.next += 1;
      const further = needed === null ? undefined : note(needed, visit.call);
      if (further !== undefined) stack.push(further);
    }
  }
  for (const { call, sources } of calls) fillRequired(call, sources);
  return { calls, inputs, constants: [...constants], wishes, captures: [...captures.values()], bodies };
}

/** Only an optional output may be left without a name: Split with a nameless piece ends ONNX Runtime's process. */
function fillRequired(call: Call, sources: (Source | undefined)[]): void {
  const { outputs } = newestVersion(call.schema);
  for (let index = 0; index < sources.length; index += 1) {
    if (parameterAt(outputs, index)?.optional !== true) sources[index] ??= { kind: 'output', call, index };
  }
}
