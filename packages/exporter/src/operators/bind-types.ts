/**
 * Type variables. A schema says `T` for every input and output that must agree; the values of a call decide what it
 * stands for, and with that the types of the outputs.
 */
import type { FormalParameter, OperatorVersion } from './schema.js';
import { parameterAt } from './schema.js';

export interface Binding {
  /** What each type variable stands for, as a type name. */
  readonly types: ReadonlyMap<string, string>;
  /** The first contradiction between the inputs, or between an input and the schema. */
  readonly problem: string | undefined;
}

/** Graphs call the same few operators with the same few types over and over. */
const known = new WeakMap<OperatorVersion, Map<string, Binding>>();

/**
 * Binds the type variables of a version by the type names of the inputs; `undefined` is an input that is left out or
 * whose type is not known.
 */
export function bindTypes(version: OperatorVersion, inputs: readonly (string | undefined)[]): Binding {
  let bindings = known.get(version);
  if (bindings === undefined) {
    bindings = new Map();
    known.set(version, bindings);
  }
  const key = inputs.length === 1 ? String(inputs[0]) : inputs.join();
  let binding = bindings.get(key);
  if (binding === undefined) {
    binding = bind(version, inputs);
    bindings.set(key, binding);
  }
  return binding;
}

function bind(version: OperatorVersion, inputs: readonly (string | undefined)[]): Binding {
  const types = new Map<string, string>();
  for (let index = 0; index < inputs.length; index += 1) {
    const type = inputs[index];
    const parameter = parameterAt(version.inputs, index);
    if (type === undefined || parameter === undefined) continue;
    const allowed = allowedTypes(version, parameter);
    if (!allowed.includes(type)) {
      return { types, problem: `input ${parameter.name} is ${type}, which is not among ${list(allowed)}` };
    }
    if (parameter.heterogeneous) continue;
    const bound = types.get(parameter.type);
    if (bound !== undefined && bound !== type) {
      const first = inputs.findIndex(
        (_, at) => parameterAt(version.inputs, at)?.type === parameter.type && inputs[at] === bound,
      );
      const other = labelOf(parameterAt(version.inputs, first) ?? parameter, first);
      return { types, problem: `${other} is ${bound} and ${labelOf(parameter, index)} is ${type}, they must agree` };
    }
    types.set(parameter.type, type);
  }
  return { types, problem: undefined };
}

/** The type names that a parameter may have. */
export function allowedTypes({ types }: OperatorVersion, { type }: FormalParameter): readonly string[] {
  return types[type] ?? [type];
}

/** The type name of a parameter under a binding, undefined where the binding does not decide it. */
export function resolveType(
  version: OperatorVersion,
  parameter: FormalParameter,
  binding: Binding,
): string | undefined {
  const bound = binding.types.get(parameter.type);
  if (bound !== undefined && !parameter.heterogeneous) return bound;
  const allowed = allowedTypes(version, parameter);
  return allowed.length === 1 ? allowed[0] : undefined;
}

function labelOf({ name, variadic }: FormalParameter, index: number): string {
  return variadic ? `input ${index}` : `input ${name}`;
}

function list(types: readonly string[]): string {
  return types.length > 8 ? `${types.slice(0, 8).join(', ')}, …` : types.join(', ');
}
