/** The walk back from values to everything they are computed from. Iterative: graphs are deeper than the stack. */
import type { Value } from '@rheobase/exporter';
import type { Call, Source } from './values.js';

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
    const needed = call.inputs.flatMap((input) => (input === null ? [] : callOf(input)));
    pending.push(...needed.filter((next) => !entered.has(next)).reverse());
  }
  return [...done];
}
