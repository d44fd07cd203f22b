/**
 * Names for everything a model holds: outputs and inputs as they must be, then what values wish for, then what
 * operators suggest. Subgraphs see the names around them, so all scopes of a graph share one set.
 */
import { badInput, RheobaseError } from '../errors.js';
import type { Tensor } from '../tensor/index.js';
import type { Body } from './body.js';
import { constantKey, NameScope } from './naming.js';
import type { AnyValue, Source } from './value.js';
import type { Reached, ReachedCall } from './walk.js';

export type Named = readonly [name: string, value: AnyValue];
export type Names = ReadonlyMap<Source, string>;

export function nameAll(inputs: readonly Named[], outputs: readonly Named[], reached: Reached): Names {
  const scope = new NameScope();
  const names = new Map<Source, string>();
  for (const [name, { source }] of [...inputs, ...outputs]) {
    if (!scope.claim(name)) throw badInput(`the name '${name}' is an input and an output`);
    names.set(source, name);
  }
  nameCalls(reached, names, scope);
  nameConstants(reached, names, scope);
  return names;
}

export function nameOf(source: Source, names: Names): string {
  const name = names.get(source);
  if (name === undefined) throw new RheobaseError('failed', 'a value was reached and not named');
  return name;
}

function nameCalls(reached: Reached, names: Map<Source, string>, scope: NameScope): void {
  // In the order of the calls, so that numbered names count from the inputs on.
  const takeWish = (source: Source | undefined) => {
    const wish = source && reached.wishes.get(source);
    if (source !== undefined && wish !== undefined && !names.has(source)) names.set(source, scope.unique(wish));
  };
  if (reached.wishes.size > 0) for (const { sources } of reached.calls) sources.forEach(takeWish);
  reached.constants.forEach(takeWish);
  for (const called of reached.calls) nameOutputs(called, names, scope);
  for (const [body, inner] of reached.bodies) {
    nameBodyInputs(body, names, scope);
    nameCalls(inner, names, scope);
  }
}

function nameBodyInputs({ inputs }: Body, names: Map<Source, string>, scope: NameScope): void {
  for (const { source, name } of inputs) names.set(source, scope.unique(name ?? 'input'));
}

function nameOutputs({ call, sources }: ReachedCall, names: Map<Source, string>, scope: NameScope): void {
  const { opType } = call.schema;
  const base = opType.charAt(0).toLowerCase() + opType.slice(1);
  for (let index = 0; index < sources.length; index += 1) {
    const source = sources[index];
    if (source === undefined || names.has(source)) continue;
    names.set(source, scope.unique(call.outputs.length === 1 ? base : `${base}.${index}`));
  }
}

/** Small constants that are equal have one name between them. */
function nameConstants(reached: Reached, names: Map<Source, string>, scope: NameScope): void {
  const byKey = new Map<string, string>();
  const byTensor = new Map<Tensor, string>();
  for (const source of reached.constants) {
    if (names.has(source)) continue;
    const { tensor } = source;
    const known = byTensor.get(tensor);
    const key = known === undefined ? constantKey(tensor) : undefined;
    const name = known ?? (key === undefined ? undefined : byKey.get(key)) ?? scope.unique('constant');
    if (key !== undefined) byKey.set(key, name);
    byTensor.set(tensor, name);
    names.set(source, name);
  }
}
