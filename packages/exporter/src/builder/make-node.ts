/**
 * The one mechanism behind every operator function: checks a call against the operator's schema, promotes numbers to
 * constants of the element type that the other inputs decide, infers the outputs' types, and answers their values.
 */
import { RheobaseError } from '../errors.js';
import { inferValues, type RuleContext } from '../inference/index.js';
import type { AttributeValue, ValueType } from '../model/model.js';
import { allowedTypes, bindTypes, resolveType } from '../operators/bind-types.js';
import { newestVersion, type OperatorSchema, type OperatorVersion, parameterAt } from '../operators/schema.js';
import { dtypeFromName, typeName } from '../operators/type-name.js';
import type { DType } from '../tensor/index.js';
import { type AttributeInput, attributeValue } from './attributes.js';
import { type Body, outline } from './body.js';
import { CallSite, callerOf } from './call-site.js';
import { constantValue, type Literal, literalTensor, naturalDType } from './constant.js';
import { type AnyValue, type Call, placeOf, type TypeName, Value } from './value.js';

/** An input of an operator: a value, a literal that becomes a constant, or undefined for an optional one left out. */
export type Operand = AnyValue | Literal | undefined;

export interface NodeOptions {
  /** Number of outputs; default 1. */
  readonly outputs?: number;
  /** Graph attributes that are made from functions, by name. */
  readonly bodies?: Readonly<Record<string, Body>>;
  /** The operator's own function: who called that is where errors are. Default `makeNode` itself. */
  readonly calledBy?: OperatorFunction;
}

type OperatorFunction = (...values: never[]) => unknown;

const NO_ATTRIBUTES: Readonly<Record<string, undefined>> = {};
const NONE_CHECKED: ReadonlyMap<string, AttributeValue> = new Map();

let serials = 0;

/** The number of the next call to be made. */
export function nextSerial(): number {
  return serials;
}

/** Takes the number of a call. */
export function takeSerial(): number {
  serials += 1;
  return serials - 1;
}

/**
 * Applies an operator. Attributes that are undefined are left out, and so have the schema's default.
 * @returns the values of its outputs.
 * @throws RheobaseError `bad-input` naming the operator, what does not fit, and the caller's line.
 */
export function makeNode(
  schema: OperatorSchema,
  operands: readonly Operand[],
  attributes: Readonly<Record<string, AttributeInput | undefined>> = NO_ATTRIBUTES,
  { outputs: outputCount = 1, bodies, calledBy = makeNode }: NodeOptions = {},
): Value[] {
  const site = callerOf(calledBy);
  const fail = (problem: string): never => {
    throw new RheobaseError('bad-input', `${schema.opType}: ${problem}`, placeOf(new CallSite()));
  };
  const version = newestVersion(schema);
  const inputs = promote(version, dropTrailing(operands), site, fail);
  checkArity(version, inputs, fail);
  const outlines = bodies && Object.entries(bodies).map(([name, body]) => [name, outline(body)]);
  const checked = checkAttributes(
    schema,
    outlines ? { ...attributes, ...Object.fromEntries(outlines) } : attributes,
    fail,
  );
  const context: RuleContext = {
    opType: schema.opType,
    inputs: inputs.includes(null) ? inputs.map((input) => input ?? undefined) : (inputs as Value[]),
    attributes: checked,
    outputCount,
    fail,
  };
  const known = inferValues(version, context);
  const outputs = known.length === 1 ? onlyOutput(known[0].type, inputs[0]) : known.map(({ type }) => type);
  // All fields, always, in one order: engines keep objects of one shape small.
  const call: Call = {
    schema,
    inputs,
    attributes: checked,
    outputs,
    elements: known.some((output) => output.elements) ? known.map((output) => output.elements) : undefined,
    bodies: bodies && new Map(Object.entries(bodies)),
    fn: undefined,
    site,
    serial: takeSerial(),
  };
  return outputs.map((type, index) => new Value(type, { kind: 'output', call, index }));
}

/** The list of the one type; that of the call before where the type is the same, which in a graph is most often so. */
function onlyOutput(type: ValueType, first: Value | null | undefined): readonly ValueType[] {
  const before = first?.source.kind === 'output' ? first.source.call.outputs : undefined;
  return before?.length === 1 && before[0] === type ? before : [type];
}

/**
 * `makeNode` for an operator with one output, whose element type the caller knows.
 * @param calledBy as in `NodeOptions`.
 */
export function makeValue<D extends TypeName = DType>(
  schema: OperatorSchema,
  operands: readonly Operand[],
  attributes: Readonly<Record<string, AttributeInput | undefined>> = NO_ATTRIBUTES,
  calledBy: OperatorFunction = makeValue,
): Value<D> {
  return makeNode(schema, operands, attributes, { calledBy })[0] as AnyValue as Value<D>;
}

type Fail = (problem: string) => never;

function dropTrailing(operands: readonly Operand[]): readonly Operand[] {
  const length = operands.findLastIndex((operand) => operand !== undefined) + 1;
  return length === operands.length ? operands : operands.slice(0, length);
}

function promote(version: OperatorVersion, operands: readonly Operand[], site: CallSite, fail: Fail): (Value | null)[] {
  if (operands.every((operand) => operand instanceof Value)) return operands as readonly AnyValue[] as Value[];
  const binding = bindTypes(
    version,
    operands.map((operand) => (operand instanceof Value ? typeName(operand.type) : undefined)),
  );
  const first = operands.find((operand) => operand instanceof Value);
  return operands.map((operand, index) => {
    if (operand === undefined) return null;
    // What a call holds is told by its `type`; the static name is for whoever calls.
    if (operand instanceof Value) return operand as Value;
    const parameter = parameterAt(version.inputs, index);
    const several = namesOfOutputs(operand);
    if (several.length > 0)
      fail(`input ${parameter?.name ?? index} is all outputs of an operator; take one: .${several.join(', .')}`);
    const decided = dtypeFromName(parameter && resolveType(version, parameter, binding));
    const likely = decided ?? (parameter && likeliest(allowedTypes(version, parameter), operand, first));
    try {
      return constantValue(literalTensor(operand, likely ?? naturalDType(operand)), undefined, site);
    } catch (error) {
      return fail(error instanceof RheobaseError ? error.what : String(error));
    }
  });
}

/** What an operator of several outputs answers has one property for each; none for anything else. */
function namesOfOutputs(operand: Literal): readonly string[] {
  if (typeof operand !== 'object' || operand === null || Array.isArray(operand)) return [];
  return Object.entries(operand).flatMap(([name, value]) => (value instanceof Value ? [name] : []));
}

/** The element type of a literal that no type variable decides: that of the first input, or what JavaScript means. */
function likeliest(allowed: readonly string[], literal: Literal, first: AnyValue | undefined): DType | undefined {
  const natural = naturalDType(literal);
  const wishes = [first && typeName(first.type), natural, ...(natural === 'float32' ? ['int64'] : [])];
  return dtypeFromName(wishes.find((wish) => wish !== undefined && allowed.includes(wish)));
}

function checkArity(version: OperatorVersion, inputs: readonly (Value | null)[], fail: Fail): void {
  const { inputs: parameters, minInputs } = version;
  const required = minInputs ?? parameters.findLastIndex(({ optional, variadic }) => !optional && !variadic) + 1;
  const isOpen = parameters.at(-1)?.variadic === true;
  if (inputs.length < required) fail(`takes at least ${required} inputs, got ${inputs.length}`);
  if (!isOpen && inputs.length > parameters.length)
    fail(`takes at most ${parameters.length} inputs, got ${inputs.length}`);
  if (!inputs.includes(null)) return;
  for (const [index, input] of inputs.entries()) {
    const parameter = parameterAt(parameters, index);
    if (input === null && !parameter?.optional) fail(`input ${parameter?.name} is missing`);
  }
}

function checkAttributes(
  schema: OperatorSchema,
  attributes: Readonly<Record<string, AttributeInput | undefined>>,
  fail: Fail,
): ReadonlyMap<string, AttributeValue> {
  if (attributes === NO_ATTRIBUTES && !newestVersion(schema).attributes.some(({ required }) => required)) {
    return NONE_CHECKED;
  }
  const checked = new Map<string, AttributeValue>();
  for (const [name, given] of Object.entries(attributes)) {
    if (given === undefined) continue;
    const kind = attributeKind(schema, name);
    if (kind === undefined) return fail(`has no attribute '${name}'`);
    checked.set(name, attributeValue(given, kind) ?? fail(`attribute '${name}' takes ${kind}, got ${String(given)}`));
  }
  const missing = newestVersion(schema).attributes.find(({ name, required }) => required && !checked.has(name));
  if (missing !== undefined) fail(`attribute '${missing.name}' is missing`);
  return checked.size === 0 ? NONE_CHECKED : checked;
}

/** The kind of an attribute in the newest version that has it. Whether the chosen opset has it is checked on building. */
function attributeKind({ versions }: OperatorSchema, name: string): AttributeValue['kind'] | undefined {
  const version = versions.findLast(({ attributes }) => attributes.some((attribute) => attribute.name === name));
  return version?.attributes.find((attribute) => attribute.name === name)?.kind;
}
