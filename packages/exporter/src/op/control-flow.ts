/**
 * If, Loop, Scan and SequenceMap from TypeScript functions. A function is called while the graph is built, to see what
 * it makes; it may use values from around it.
 */
import { type Body, traceBody } from '../builder/body.js';
import { constantValue, literalTensor } from '../builder/constant.js';
import { makeNode } from '../builder/make-node.js';
import { type AnyValue, type SequenceOf, Value } from '../builder/value.js';
import { badInput } from '../errors.js';
import * as schemas from '../generated/operators.js';
import { bodyInputTypes, commonType } from '../inference/index.js';
import type { ValueType } from '../model/model.js';
import type { DType } from '../tensor/index.js';

type Result = AnyValue | readonly AnyValue[];

/**
 * What the first function gives where the condition holds, what the second gives elsewhere; only that one runs. Both
 * give one value, or lists of equally many. Opset 1, in this form 25.
 */
export function ifElse<R extends Result>(condition: Value<'bool'>, then: () => R, otherwise: () => NoInfer<R>): R {
  const [first, isList] = branch(then);
  const [second] = branch(otherwise);
  if (first.outputs.length !== second.outputs.length) {
    throw badInput(`If: one branch gives ${first.outputs.length} values, the other ${second.outputs.length}`);
  }
  const outputs = makeNode(
    schemas.If,
    [condition],
    {},
    {
      outputs: first.outputs.length,
      calledBy: ifElse,
      bodies: { then_branch: first, else_branch: second },
    },
  );
  return (isList ? outputs : outputs[0]) as R;
}

function branch(make: () => Result): [body: Body, isList: boolean] {
  let isList = false;
  const body = traceBody('If', [], () => {
    const made = make();
    isList = !(made instanceof Value);
    return listOf(made);
  });
  return [body, isList];
}

export interface LoopOptions<S extends AnyValue[]> {
  /** How many rounds at most; without it, as long as the condition holds. */
  readonly count?: Value<'int64'> | number;
  /** Whether there is a first round; default true. */
  readonly condition?: Value<'bool'> | boolean;
  /** What goes from round to round, as the first one finds it. */
  readonly state: readonly [...S];
}

export interface Round<S extends AnyValue[]> {
  /** What the next round finds, of the same element types. */
  readonly state: readonly [...S];
  /** Whether there is a next round; left out, as long as the count lasts. */
  readonly continue?: Value<'bool'>;
  /** Values of this round that are put together, over all rounds, along a new first axis. */
  readonly collect?: readonly Value[];
}

export interface LoopResult<S extends AnyValue[]> {
  /** As the last round left it. */
  readonly state: Readonly<S>;
  /** What was collected, `[rounds, …]`. */
  readonly collected: Value[];
}

/**
 * Rounds of a body over a state. The body gets the number of the round and the state. A state may change its shape:
 * then the body is traced again with what all rounds have in common. Opset 1, in this form 25.
 */
export function loop<S extends AnyValue[]>(
  { count, condition, state }: LoopOptions<S>,
  body: (round: Value<'int64'>, ...state: NoInfer<S>) => Round<NoInfer<S>>,
): LoopResult<S> {
  const trace = (types: readonly ValueType[]) =>
    traceBody(
      'Loop',
      [
        { name: 'round', type: { kind: 'tensor', dtype: 'int64', shape: [] } },
        { name: 'condition', type: { kind: 'tensor', dtype: 'bool', shape: [] } },
        ...types.map((type, index) => ({ name: state[index].name ?? 'state', type })),
      ],
      (round, going, ...rest) => {
        const made = body(round as Value<'int64'>, ...(rest as S));
        checkStates('Loop', state, made.state);
        return [made.continue ?? going, ...made.state, ...(made.collect ?? [])];
      },
    );
  const traced = untilStable(state, trace, (made) => made.outputs.slice(1, 1 + state.length));
  const rounds = typeof count === 'number' ? constantValue(literalTensor(count, 'int64')) : count;
  const outputs = makeNode(
    schemas.Loop,
    [rounds, condition, ...state],
    {},
    {
      outputs: traced.outputs.length - 1,
      calledBy: loop,
      bodies: { body: traced },
    },
  );
  return {
    state: outputs.slice(0, state.length) as AnyValue[] as S,
    collected: outputs.slice(state.length),
  };
}

export interface ScanOptions<S extends AnyValue[], X extends Value[]> {
  /** What goes from step to step; default none. */
  readonly state?: readonly [...S];
  /** What is gone through, a slice a step. */
  readonly inputs: readonly [...X];
  /** The axis along which each input is gone through; default 0. */
  readonly inputAxes?: readonly number[];
  /** 1 for an input that is gone through backwards; default 0. */
  readonly inputDirections?: readonly number[];
  /** The axis that the steps of each collected output become; default 0. */
  readonly outputAxes?: readonly number[];
  /** 1 for an output that is put together backwards; default 0. */
  readonly outputDirections?: readonly number[];
}

/** A body over the slices of values. Opset 8, in this form 25. */
export function scan<X extends Value[], S extends AnyValue[] = []>(
  options: ScanOptions<S, X>,
  body: (state: NoInfer<S>, slices: NoInfer<X>) => Omit<Round<NoInfer<S>>, 'continue'>,
): LoopResult<S> {
  const { inputs, inputAxes, inputDirections, outputAxes, outputDirections } = options;
  const state: readonly AnyValue[] = options.state ?? [];
  const attributes = {
    num_scan_inputs: inputs.length,
    scan_input_axes: inputAxes,
    scan_input_directions: inputDirections,
    scan_output_axes: outputAxes,
    scan_output_directions: outputDirections,
  };
  const scanned = { num_scan_inputs: { kind: 'int', value: BigInt(inputs.length) } } as const;
  const axes = inputAxes && { scan_input_axes: { kind: 'ints', value: inputAxes.map(BigInt) } as const };
  const slices = bodyInputTypes({
    opType: 'Scan',
    inputs: [...state, ...inputs],
    attributes: new Map(Object.entries({ ...scanned, ...axes })),
  }).slice(state.length);
  const names = [...state.map(({ name }) => name ?? 'state'), ...inputs.map(({ name }) => name ?? 'slice')];
  const trace = (types: readonly ValueType[]) =>
    traceBody(
      'Scan',
      [...types, ...slices].map((type, index) => ({ name: names[index], type })),
      (...values) => {
        const made = body(
          values.slice(0, state.length) as AnyValue[] as S,
          values.slice(state.length) as AnyValue[] as X,
        );
        checkStates('Scan', state, made.state);
        return [...made.state, ...(made.collect ?? [])];
      },
    );
  const traced = untilStable(state, trace, (made) => made.outputs.slice(0, state.length));
  const outputs = makeNode(schemas.Scan, [...state, ...inputs], attributes, {
    outputs: traced.outputs.length,
    calledBy: scan,
    bodies: { body: traced },
  });
  return {
    state: outputs.slice(0, state.length) as AnyValue[] as S,
    collected: outputs.slice(state.length),
  };
}

/** A body over the tensors of a sequence: the sequence of what it gives. Opset 17. */
export function sequenceMap<T extends DType, R extends DType>(
  sequence: Value<SequenceOf<T>>,
  body: (element: Value<T>) => Value<R>,
): Value<SequenceOf<R>> {
  const [type] = bodyInputTypes({ opType: 'SequenceMap', inputs: [sequence], attributes: new Map() });
  const traced = traceBody('SequenceMap', [{ name: 'element', type }], (element) => [body(element as Value<T>)]);
  const [mapped] = makeNode(schemas.SequenceMap, [sequence], {}, { bodies: { body: traced }, calledBy: sequenceMap });
  return mapped as AnyValue as Value<SequenceOf<R>>;
}

/** Traces the body with the types of the first state, then with what those and the next have in common, until no more changes. */
function untilStable(
  state: readonly AnyValue[],
  trace: (types: readonly ValueType[]) => Body,
  next: (body: Body) => readonly AnyValue[],
): Body {
  let types: readonly ValueType[] = state.map(({ type }) => type);
  for (;;) {
    const body = trace(types);
    const common = next(body).map(({ type }, index) => commonType(types[index], type));
    if (JSON.stringify(common) === JSON.stringify(types)) return body;
    types = common;
  }
}

function checkStates(opType: string, before: readonly AnyValue[], after: readonly AnyValue[]): void {
  if (after.length !== before.length) {
    throw badInput(`${opType}: a state of ${before.length} values becomes one of ${after.length}`);
  }
  for (const [index, value] of after.entries()) {
    const [from, to] = [elementType(before[index].type), elementType(value.type)];
    if (from !== undefined && to !== undefined && from !== to) {
      throw badInput(`${opType}: state ${index} is ${from} and becomes ${to}`, { remedy: 'cast it in the body' });
    }
  }
}

function elementType(type: ValueType): string | undefined {
  return type.kind === 'tensor' ? type.dtype : undefined;
}

function listOf(result: Result): readonly AnyValue[] {
  return result instanceof Value ? [result] : result;
}
