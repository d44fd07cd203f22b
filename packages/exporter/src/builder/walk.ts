/**
 * The walk back from a graph's outputs to everything they need, in an order where every value is made before it is
 * used. An explicit stack: a chain of ten thousand nodes must not exhaust the engine's.
 *
 * A call with bodies needs, beside its inputs, what its bodies capture from around them; each body is a scope of its
 * own, walked in turn. Constants of all scopes are those of the outermost one, which subgraphs see as well.
 */
import { newestVersion, parameterAt } from '../operators/schema.js';
import { type Body, bodiesOf, isInside } from './body.js';
import type { AnyValue, Call, Source, Value } from './value.js';

type InputSource = Extract<Source, { kind: 'input' }>;
type ConstantSource = Extract<Source, { kind: 'constant' }>;

export interface Reached {
  /** Calls in topological order. */
  readonly calls: readonly Call[];
  /** Inputs in use, each with a call that uses it. */
  readonly inputs: ReadonlyMap<InputSource, Call>;
  readonly constants: readonly ConstantSource[];
  /** Names wished for, the first wish of each value. */
  readonly wishes: ReadonlyMap<Source, string>;
  /** Values from outside the scope; none of the outermost one. */
  readonly captures: readonly AnyValue[];
  /** The scopes inside, by body. */
  readonly bodies: ReadonlyMap<Body, Reached>;
  /** Outputs of a call, undefined where nobody uses one. */
  sourcesOf(call: Call): readonly (Source | undefined)[];
}

/**
 * @param inputsOf what a call takes, which may depend on the opset.
 * @param body the scope to stay inside; by default there is nothing outside.
 */
export function walkBack(
  outputs: readonly AnyValue[],
  inputsOf: (call: Call) => readonly (Value | null)[] = ({ inputs }) => inputs,
  body?: Body,
): Reached {
  const calls = new Set<Call>();
  const inputs = new Map<InputSource, Call>();
  const constants = new Set<ConstantSource>();
  const wishes = new Map<Source, string>();
  const used = new Map<Call, (Source | undefined)[]>();
  const captures = new Map<Source, AnyValue>();
  const bodies = new Map<Body, Reached>();

  /** Answers the call to go on to. */
  const note = (value: AnyValue, user: Call | undefined): Call | undefined => {
    const { source, name } = value;
    if (source.kind === 'constant') constants.add(source);
    else if (body !== undefined && !isInside(body, source)) {
      captures.set(source, value);
      return undefined;
    }
    if (name !== undefined && source.kind !== 'input' && !wishes.has(source)) wishes.set(source, name);
    if (source.kind === 'input' && user !== undefined && !inputs.has(source)) inputs.set(source, user);
    if (source.kind !== 'output') return undefined;
    outputsOf(used, source.call)[source.index] = source;
    return calls.has(source.call) ? undefined : source.call;
  };

  /** Everything a call needs, the first thing last. */
  const needs = (call: Call): AnyValue[] => {
    if (call.bodies === undefined)
      return inputsOf(call)
        .filter((input) => input !== null)
        .toReversed();
    const captured = bodiesOf(call).flatMap((inner) => {
      const reached = bodies.get(inner) ?? walkBack(inner.outputs, inputsOf, inner);
      bodies.set(inner, reached);
      for (const source of reached.constants) constants.add(source);
      return reached.captures;
    });
    return [...inputsOf(call).filter((input) => input !== null), ...captured].toReversed();
  };

  for (const output of outputs) {
    const start = note(output, undefined);
    const stack = start === undefined ? [] : [{ call: start, rest: needs(start) }];
    while (stack.length > 0) {
      const frame = stack[stack.length - 1];
      const next = calls.has(frame.call) ? undefined : frame.rest.pop();
      if (next === undefined) {
        calls.add(frame.call);
        stack.pop();
        continue;
      }
      const call = note(next, frame.call);
      if (call !== undefined) stack.push({ call, rest: needs(call) });
    }
  }
  for (const [call, sources] of used) fillRequired(call, sources);
  const sourcesOf = (call: Call) => outputsOf(used, call);
  return {
    calls: [...calls],
    inputs,
    constants: [...constants],
    wishes,
    captures: [...captures.values()],
    bodies,
    sourcesOf,
  };
}

/** Only an optional output may be left without a name: Split with a nameless piece ends ONNX Runtime's process. */
function fillRequired(call: Call, sources: (Source | undefined)[]): void {
  const { outputs } = newestVersion(call.schema);
  for (let index = 0; index < sources.length; index += 1) {
    if (parameterAt(outputs, index)?.optional !== true) sources[index] ??= { kind: 'output', call, index };
  }
}

function outputsOf(used: Map<Call, (Source | undefined)[]>, call: Call): (Source | undefined)[] {
  let sources = used.get(call);
  if (sources === undefined) {
    sources = new Array<Source | undefined>(call.outputs.length).fill(undefined);
    used.set(call, sources);
  }
  return sources;
}
