/**
 * Functions of a model: a TypeScript function of graph values becomes one node, and its body a FunctionProto beside the
 * graph. A viewer shows the node by its name; a runtime puts the body in its place.
 *
 * A function has no types of its own, its calls have: the TypeScript function runs once a call. Where calls give
 * different bodies (numbers in them become constants of the argument's element type), each body is a function, the
 * later ones with a number behind the name.
 */
import { badInput } from '../errors.js';
import type { OperatorSchema } from '../operators/schema.js';
import { traceBody } from './body.js';
import { CallSite } from './call-site.js';
import { takeSerial } from './make-node.js';
import { type AnyValue, type Call, type FunctionDefinition, Value } from './value.js';

export interface FunctionOptions {
  /** Default `rheobase.local`. */
  readonly domain?: string;
  /** Names of the inputs in the body; by default x, x_2, … */
  readonly inputs?: readonly string[];
  /** Names of the outputs in the body; by default y, y_2, … */
  readonly outputs?: readonly string[];
  /** What the function computes, for viewers. */
  readonly docString?: string;
}

/**
 * The function whose every call is one node.
 * @throws RheobaseError `bad-input` where the body takes a value from outside that is not an argument (on building).
 */
export function defineFunction<A extends readonly AnyValue[], R extends AnyValue | readonly AnyValue[]>(
  name: string,
  body: (...inputs: A) => R,
  options: FunctionOptions = {},
): (...inputs: A) => R {
  if (!/^[A-Za-z_]\w*$/.test(name)) throw badInput(`'${name}' is no name for a function`);
  return (...inputs) => {
    let isList = false;
    const definition = define(name, inputs, options, (...parameters) => {
      const made = body(...(parameters as readonly AnyValue[] as A));
      isList = !(made instanceof Value);
      return (isList ? made : [made]) as readonly AnyValue[];
    });
    const outputs = callOf(definition, inputs);
    return (isList ? outputs : outputs[0]) as R;
  };
}

function define(
  name: string,
  inputs: readonly AnyValue[],
  { domain = 'rheobase.local', inputs: inputNames, outputs: outputNames, docString = '' }: FunctionOptions,
  make: (...parameters: AnyValue[]) => readonly AnyValue[],
): FunctionDefinition {
  const numbered = (base: string, index: number) => (index === 0 ? base : `${base}_${index + 1}`);
  const parameters = inputs.map(({ type }, index) => ({ name: inputNames?.[index] ?? numbered('x', index), type }));
  const body = traceBody(name, parameters, make);
  return {
    name,
    domain,
    docString,
    body,
    inputNames: parameters.map((parameter) => parameter.name),
    outputNames: body.outputs.map((_, index) => outputNames?.[index] ?? numbered('y', index)),
  };
}

function callOf(fn: FunctionDefinition, inputs: readonly AnyValue[]): AnyValue[] {
  const outputs = fn.body.outputs.map(({ type }) => type);
  const call: Call = {
    schema: schemaOf(fn),
    inputs: inputs as readonly Value[],
    attributes: new Map(),
    outputs,
    site: new CallSite(),
    serial: takeSerial(),
    fn,
  };
  return outputs.map((type, index) => new Value(type, { kind: 'output', call, index }));
}

function schemaOf({ name, domain, inputNames, outputNames }: FunctionDefinition): OperatorSchema {
  const parameters = (names: readonly string[]) => names.map((each) => ({ name: each, type: each }));
  return {
    opType: name,
    domain,
    versions: [
      { since: 1, inputs: parameters(inputNames), outputs: parameters(outputNames), attributes: [], types: {} },
    ],
  };
}
