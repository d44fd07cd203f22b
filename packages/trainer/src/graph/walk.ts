/** The walk back from values to everything they are computed from. Iterative: graphs are deeper than the stack. */
import type { Value } from '@rheobase/exporter';
import type { Call, Source } from './values.js';

/**
 * What a call is computed from: its inputs, and the values from around it that the graphs inside it (of If, Loop, Scan)
 * read. Calls made inside such a graph have serial numbers within its range.
 */
export function operandsOf(call: Call): readonly (Value | null)[] {
  if (call.bodies === undefined) return call.inputs;
  const captured = new Map<Source, Value>();
  for (const body of call.bodies.values()) {
    const own = new Set(body.inputs.map(({ source }) => source));
    const isInside = (source: Source) =>
      own.has(source) ||
      (source.kind === 'output' && source.call.serial >= body.first && source.call.serial < body.end);
    const seen = new Set<Source>();
    const pending = [...(body.outputs as readonly Value[])];
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
      const { source } = value;
      if (seen.has(source) || source.kind === 'constant') continue;
      seen.add(source);
      if (!isInside(source)) captured.set(source, value);
      else if (source.kind === 'output') {
        pending.push(...operandsOf(source.call).filter((operand) => operand !== null));
      }
    }
  }
  return [...call.inputs, ...captured.values()];
}

/** Calls that `values` need, each after those it needs itself; the walk does not go behind a source that `stops`. */
export function callsBehind(values: readonly Value[], stops: (source: Source) => boolean = () => false): Call[] {
  const done = new Set<Call>();
  const callOf = ({ source }: Value): Call[] => (source.kind === 'output' && !stops(source) ? [source.call] : []);
  const pending = values.flatMap(callOf).reverse();
  const entered = new Set<Call>();
  while (pending.length > 0) {
    const call = pending[pending.length - 1];
    if (entered.has(call)) {
      done.add(call);
      pending.pop();
      continue;
    }
    entered.add(call);
    const needed = operandsOf(call).flatMap((input) => (input === null ? [] : callOf(input)));
    pending.push(...needed.filter((next) => !entered.has(next)).reverse());
  }
  return [...done];
}
