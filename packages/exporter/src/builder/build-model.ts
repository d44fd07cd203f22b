/**
 * Values → Model. The nodes are found by walking back from the outputs; only what an output needs is in the model.
 * Here the opset is chosen, so here each call is checked against the version of its operator that this opset has.
 */
import { badInput } from '../errors.js';
import { Identity } from '../generated/operators.js';
import { irVersionFor } from '../model/ir-version.js';
import type { Model } from '../model/model.js';
import type { DType } from '../tensor/index.js';
import { checkOpset } from './check-opset.js';
import { constantsOf, intermediates, nodesOf, valueInfo } from './emit.js';
import { type FittedCall, fitOpset } from './fit-opset.js';
import { callsIn, LocalFunctions } from './local-functions.js';
import { makeValue } from './make-node.js';
import { type Named, nameAll } from './names.js';
import { type AnyValue, type Call, placeOf, type Source, Value } from './value.js';
import { type Reached, walkBack } from './walk.js';

/** The opset written unless another is asked for: the newest whose ThresholdedRelu and Elu WebGPU runs itself. */
export const DEFAULT_OPSET = 21;
/** Operators are generated for this opset and later ones. */
export const LOWEST_OPSET = 13;
export const HIGHEST_OPSET = 28;

export interface BuildOptions {
  /** Graph inputs in order, by their own names or renamed. */
  readonly inputs: readonly AnyValue[] | Readonly<Record<string, AnyValue>>;
  /** Graph outputs in order, by name. */
  readonly outputs: Readonly<Record<string, AnyValue>>;
  /** Version of ai.onnx, 13 to 28; default 21. */
  readonly opset?: number;
  /** Graph name; default `main`. */
  readonly name?: string;
  readonly docString?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Builds a model.
 * @throws RheobaseError `bad-input` where an input is missing or named twice; `unsupported` where the opset lacks an
 *   operator, an attribute or an element type, naming the one that has it.
 */
export function buildModel(options: BuildOptions): Model {
  const { opset = DEFAULT_OPSET, name = 'main', docString = '', metadata = {} } = options;
  if (!Number.isInteger(opset) || opset < LOWEST_OPSET || opset > HIGHEST_OPSET) {
    throw badInput(`opset ${opset}`, { remedy: `choose one from ${LOWEST_OPSET} to ${HIGHEST_OPSET}` });
  }
  const inputs = namedInputs(options.inputs);
  const outputs = ownOutputs(Object.entries(options.outputs));
  const fit = fitting(opset);
  const reached = walkBack(
    outputs.map(([, value]) => value),
    fit,
  );
  checkInputs(reached, new Set(inputs.map(([, value]) => value.source)));
  if (reached.bodies.size > 0) checkScopes(reached);

  const names = nameAll(inputs, outputs, reached);
  const functions = new LocalFunctions(opset, fit);
  const initializers = constantsOf(reached, names);
  const nodes = nodesOf(reached, { names, opTypeOf: (call) => functions.opTypeOf(call) });
  const graph = {
    name,
    docString,
    inputs: inputs.map(([key, { type }]) => valueInfo(key, type)),
    outputs: outputs.map(([key, { type }]) => valueInfo(key, type)),
    initializers,
    sparseInitializers: [],
    nodes,
    valueInfo: intermediates(reached, names, new Set(outputs.map(([, { source }]) => source))),
    metadata: {},
  };
  const dtypes = new Set<DType>([...initializers.map(({ dtype }) => dtype), ...dtypesOf(reached)]);
  const domains = functions.all.map(({ domain }) => [domain, 1]);
  return {
    irVersion: irVersionFor(opset, domains.length > 0 ? ['localFunctions'] : [], dtypes),
    opsets: { '': opset, ...Object.fromEntries(domains) },
    graph,
    functions: functions.all,
    producerName: 'rheobase',
    producerVersion: '',
    domain: '',
    modelVersion: 0n,
    docString: '',
    metadata,
  };
}

/** Calls as the opset says them, checked. */
function fitting(opset: number): (call: Call) => FittedCall {
  return (call) => {
    if (call.fn !== undefined) return call;
    const fitted = fitOpset(call, opset);
    checkOpset(call, fitted, opset);
    return fitted;
  };
}

function namedInputs(inputs: BuildOptions['inputs']): Named[] {
  const named: Named[] = Array.isArray(inputs)
    ? inputs.map((value: AnyValue, index): Named => [inputName(value) ?? String(index), value])
    : Object.entries(inputs as Readonly<Record<string, AnyValue>>);
  const seen = new Set<string>();
  const sources = new Set<Source>();
  for (const [name, value] of named) {
    if (!(value instanceof Value)) throw badInput(`input '${name}' is no value of a graph`);
    if (value.source.kind !== 'input')
      throw badInput(`${value.label} is listed as an input`, { remedy: 'make it with input()' });
    if (seen.has(name)) throw badInput(`two inputs are named '${name}'`);
    if (sources.has(value.source)) throw badInput(`input '${name}' is listed twice`);
    seen.add(name);
    sources.add(value.source);
  }
  return named;
}

/** Whoever calls from JavaScript may have left a hole in the list. */
function inputName(value: AnyValue | undefined): string | undefined {
  return value?.source?.kind === 'input' ? value.source.name : value?.name;
}

/** Each output needs a node of its own: an input, a constant, or a value that is two outputs goes through Identity. */
function ownOutputs(outputs: readonly Named[]): Named[] {
  if (outputs.length === 0) throw badInput('the model has no outputs');
  const taken = new Set<Source>();
  return outputs.map(([name, value]): Named => {
    if (!(value instanceof Value)) throw badInput(`output '${name}' is no value of a graph`);
    const own = value.source.kind !== 'output' || taken.has(value.source) ? makeValue(Identity, [value]) : value;
    taken.add(own.source);
    return [name, own];
  });
}

function checkInputs({ inputs }: Reached, listed: ReadonlySet<Source>): void {
  for (const [source, user] of inputs) {
    if (listed.has(source)) continue;
    const { owner, name } = source;
    const { opType } = user.schema;
    if (owner !== undefined) {
      throw badInput(`'${name}' belongs to the body of ${owner} and is used outside it, by ${opType}`, {
        ...placeOf(user.site),
        remedy: 'return from the body what is wanted outside',
      });
    }
    throw badInput(`input '${name}' is used by ${opType} and is not among the model's inputs`, {
      ...placeOf(user.site),
      remedy: 'list it in buildModel({ inputs })',
    });
  }
}

/** What is made inside a body can be used there alone: it may never run, or run many times. */
function checkScopes(reached: Reached, seen = new Map<Call, Reached>()): void {
  for (const { call } of reached.calls) {
    const other = seen.get(call);
    if (other !== undefined && other !== reached) {
      throw badInput(`${call.schema.opType} is made inside a body and used outside it`, {
        ...placeOf(call.site),
        remedy: 'make it before the body, or return it from the body',
      });
    }
    seen.set(call, reached);
  }
  for (const inner of reached.bodies.values()) checkScopes(inner, seen);
}

function dtypesOf(reached: Reached): ReadonlySet<DType> {
  const dtypes = new Set<DType>();
  for (const { outputs } of callsIn(reached))
    for (const type of outputs) if (type.kind === 'tensor') dtypes.add(type.dtype);
  return dtypes;
}
