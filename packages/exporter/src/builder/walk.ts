/**
 * The walk back from a graph's outputs to everything they need, in an order where every value is made before it is
 * used. An explicit stack: a chain of ten thousand nodes must not exhaust the engine's.
 */
import { newestVersion, parameterAt } from '../operators/schema.js';
import type { AnyValue, Call, Source, Value } from './value.js';

type InputSource = Extract<Source, { kind: 'input' }>;
type ConstantSource = Extract<Source, { kind: 'constant' }>;

export interface Reached {
  /** Calls in topological order. */
  readonly calls: readonly Call[];
  /** Graph inputs in use, each with a call that uses it. */
  readonly inputs: ReadonlyMap<InputSource, Call>;
  readonly constants: readonly ConstantSource[];
  /** Names wished for, the first wish of each value. */
  readonly wishes: ReadonlyMap<Source, string>;
  /** Outputs of each call, undefined where nobody uses one. */
  readonly outputs: readonly { readonly call: Call; readonly sources: readonly (Source | undefined)[] }[];
  sourcesOf(call: Call): readonly (Source | undefined)[];
}

/** @param inputsOf what a call takes, which may depend on the opset. */
export function walkBack(
  outputs: readonly AnyValue[],
  inputsOf: (call: Call) => readonly (Value | null)[] = ({ inputs }) => inputs,
): Reached {
  const calls = new Set<Call>();
  const inputs = new Map<InputSource, Call>();
  const constants = new Set<ConstantSource>();
  const wishes = new Map<Source, string>();
  const used = new Map<Call, (Source | undefined)[]>();

  const note = ({ source, name }: AnyValue, user: Call | undefined) => {
    if (name !== undefined && source.kind !== 'input' && !wishes.has(source)) wishes.set(source, name);
    if (source.kind === 'input' && user !== undefined && !inputs.has(source)) inputs.set(source, user);
    if (source.kind === 'constant') constants.add(source);
    if (source.kind === 'output') outputsOf(used, source.call)[source.index] = source;
  };

  for (const output of outputs) {
    note(output, undefined);
    const stack = output.source.kind === 'output' ? [frameOf(output.source.call, inputsOf)] : [];
    while (stack.length > 0) {
      const frame = stack[stack.length - 1];
      const next = calls.has(frame.call) ? undefined : frame.rest.pop();
      if (next === undefined) {
        calls.add(frame.call);
        stack.pop();
        continue;
      }
      note(next, frame.call);
      if (next.source.kind === 'output' && !calls.has(next.source.call))
        stack.push(frameOf(next.source.call, inputsOf));
    }
  }
  for (const [call, sources] of used) fillRequired(call, sources);
  const sourcesOf = (call: Call) => outputsOf(used, call);
  return {
    calls: [...calls],
    inputs,
    constants: [...constants],
    wishes,
    outputs: Array.from(calls, (call) => ({ call, sources: sourcesOf(call) })),
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

interface Frame {
  readonly call: Call;
  /** Inputs not yet looked at, the first one last. */
  readonly rest: Value[];
}

function frameOf(call: Call, inputsOf: (call: Call) => readonly (Value | null)[]): Frame {
  return {
    call,
    rest: inputsOf(call)
      .filter((input) => input !== null)
      .toReversed(),
  };
}

function outputsOf(used: Map<Call, (Source | undefined)[]>, call: Call): (Source | undefined)[] {
  let sources = used.get(call);
  if (sources === undefined) {
    sources = new Array<Source | undefined>(call.outputs.length).fill(undefined);
    used.set(call, sources);
  }
  return sources;
}
