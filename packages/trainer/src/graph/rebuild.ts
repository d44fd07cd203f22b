/**
 * The same computation over other values: a copy of a graph in which some values are replaced, sharing every part that
 * does not depend on a replaced one. How parameters become views into one vector, and weights become inputs.
 */
import { Value } from '@rheobase/exporter';
import type { Call, Source } from './values.js';
import { callsBehind } from './walk.js';

/** Another value for one of the graph, undefined where it stays. */
export type Replacement = (source: Source) => Value | undefined;

/** `outputs` with replacements made all the way down. */
export function rebuild(outputs: readonly Value[], replace: Replacement): Value[] {
  const calls = new Map<Call, Call>();
  const sources = new Map<Source, Value | undefined>();

  const renewed = (value: Value): Value => {
    if (!sources.has(value.source)) sources.set(value.source, replace(value.source) ?? moved(value));
    const other = sources.get(value.source);
    if (other === undefined) return value;
    return value.name === undefined || other.source.kind !== 'output' ? other : other.named(value.name);
  };
  const moved = ({ type, source }: Value): Value | undefined => {
    if (source.kind !== 'output') return undefined;
    const call = calls.get(source.call);
    return call === undefined ? undefined : new Value(type, { kind: 'output', call, index: source.index });
  };

  for (const call of callsBehind(outputs, (source) => replace(source) !== undefined)) {
    const inputs = call.inputs.map((value) => value && renewed(value));
    if (inputs.some((value, index) => value !== call.inputs[index])) calls.set(call, { ...call, inputs });
  }
  return outputs.map(renewed);
}
