/**
 * Values → Model. The nodes are found by walking back from the outputs; only what an output needs is in the model.
 * Here the opset is chosen, so here each call is checked against the version of its operator that this opset has.
 */
import { badInput, RheobaseError } from '../errors.js';
import { Identity } from '../generated/operators.js';
import { initializer } from '../model/initializer.js';
import { irVersionFor } from '../model/ir-version.js';
import type { Initializer, Model, Node, ValueInfo, ValueType } from '../model/model.js';
import type { DType, Tensor } from '../tensor/index.js';
import { checkOpset } from './check-opset.js';
import { type FittedCall, fitOpset } from './fit-opset.js';
import { makeValue } from './make-node.js';
import { constantKey, NameScope } from './naming.js';
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
  const fit = memoized((call: Call) => {
    const fitted = fitOpset(call, opset);
    checkOpset(call, fitted, opset);
    return fitted;
  });
  const reached = walkBack(
    outputs.map(([, value]) => value),
    (call) => fit(call).inputs,
  );
  checkInputs(reached, new Set(inputs.map(([, value]) => value.source)));

  const names = nameAll(inputs, outputs, reached);
  const initializers = constants(reached, names);
  const nodes = reached.calls.map((call) => nodeOf(call, fit(call), reached, names));
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
  return {
    irVersion: irVersionFor(opset, [], dtypes),
    opsets: { '': opset },
    graph,
    functions: [],
    producerName: 'rheobase',
    producerVersion: '',
    domain: '',
    modelVersion: 0n,
    docString: '',
    metadata,
  };
}

function memoized<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

type Named = readonly [name: string, value: AnyValue];

function namedInputs(inputs: BuildOptions['inputs']): Named[] {
  const named: Named[] = Array.isArray(inputs)
    ? inputs.map((value: AnyValue): Named => [inputName(value), value])
    : Object.entries(inputs as Readonly<Record<string, AnyValue>>);
  const seen = new Set<string>();
  const sources = new Set<Source>();
  for (const [name, value] of named) {
    if (value.source.kind !== 'input')
      throw badInput(`${value.label} is listed as an input`, { remedy: 'make it with input()' });
    if (seen.has(name)) throw badInput(`two inputs are named '${name}'`);
    if (sources.has(value.source)) throw badInput(`input '${name}' is listed twice`);
    seen.add(name);
    sources.add(value.source);
  }
  return named;
}

function inputName(value: AnyValue): string {
  return value.source.kind === 'input' ? value.source.name : (value.name ?? '');
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
    throw badInput(`input '${source.name}' is used by ${user.schema.opType} and is not among the model's inputs`, {
      ...placeOf(user.site),
      remedy: 'list it in buildModel({ inputs })',
    });
  }
}

/** Names: outputs and inputs first as they must be, then wishes, then what the operators suggest. */
function nameAll(inputs: readonly Named[], outputs: readonly Named[], reached: Reached): ReadonlyMap<Source, string> {
  const scope = new NameScope();
  const names = new Map<Source, string>();
  for (const [name, { source }] of [...inputs, ...outputs]) {
    if (!scope.claim(name)) throw badInput(`the name '${name}' is an input and an output`);
    names.set(source, name);
  }
  for (const [source, wish] of reached.wishes) {
    if (!names.has(source)) names.set(source, scope.unique(wish));
  }
  for (const { sources, call } of reached.outputs) nameOutputs(call, sources, names, scope);
  const shared = new Map<string, string>();
  for (const source of reached.constants) {
    if (names.has(source)) continue;
    const key = constantKey(source.tensor);
    const name = (key === undefined ? undefined : shared.get(key)) ?? scope.unique('constant');
    if (key !== undefined) shared.set(key, name);
    names.set(source, name);
  }
  return names;
}

function nameOutputs(
  call: Call,
  sources: readonly (Source | undefined)[],
  names: Map<Source, string>,
  scope: NameScope,
): void {
  const { opType } = call.schema;
  const base = opType.charAt(0).toLowerCase() + opType.slice(1);
  for (const [index, source] of sources.entries()) {
    if (source === undefined || names.has(source)) continue;
    names.set(source, scope.unique(call.outputs.length === 1 ? base : `${base}.${index}`));
  }
}

function constants({ constants: sources }: Reached, names: ReadonlyMap<Source, string>): Initializer[] {
  const byName = new Map<string, Tensor>();
  for (const source of sources) byName.set(nameOf(source, names), source.tensor);
  return Array.from(byName, ([name, tensor]) => initializer(name, tensor));
}

/** A node is named after its first output, so that profiles and errors of the runtime read like the model. */
function nodeOf(call: Call, fitted: FittedCall, reached: Reached, names: ReadonlyMap<Source, string>): Node {
  const outputs = reached.sourcesOf(call).map((source) => (source === undefined ? '' : nameOf(source, names)));
  while (outputs.at(-1) === '') outputs.pop();
  return {
    name: outputs.find((output) => output !== '') ?? '',
    opType: call.schema.opType,
    domain: call.schema.domain,
    overload: '',
    inputs: fitted.inputs.map((input) => (input === null ? '' : nameOf(input.source, names))),
    outputs,
    attributes: Array.from(fitted.attributes, ([name, value]) => ({ name, ...value })),
    docString: '',
    metadata: {},
  };
}

function nameOf(source: Source, names: ReadonlyMap<Source, string>): string {
  const name = names.get(source);
  if (name === undefined) throw new RheobaseError('failed', 'a value was reached and not named');
  return name;
}

function intermediates(
  reached: Reached,
  names: ReadonlyMap<Source, string>,
  outputs: ReadonlySet<Source>,
): ValueInfo[] {
  return reached.outputs.flatMap(({ call, sources }) =>
    sources.flatMap((source, index) => {
      const type = call.outputs[index];
      if (source === undefined || outputs.has(source) || type.kind === 'unknown') return [];
      return [valueInfo(nameOf(source, names), type)];
    }),
  );
}

function dtypesOf({ outputs }: Reached): DType[] {
  return outputs.flatMap(({ call }) => call.outputs.flatMap((type) => (type.kind === 'tensor' ? [type.dtype] : [])));
}

function valueInfo(name: string, type: ValueType): ValueInfo {
  return { name, type, docString: '', metadata: {} };
}
