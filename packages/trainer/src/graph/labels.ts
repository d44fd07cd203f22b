/** What errors call an operator application that did not come from anyone's source line: the node it was read from. */
import type { Value } from '@rheobase/exporter';
import type { Call } from './values.js';

const LABELS = new WeakMap<Call, string>();

export function labelCall({ source }: Value, label: string): void {
  if (source.kind === 'output') LABELS.set(source.call, label);
}

export function labelOf(call: Call): string | undefined {
  return LABELS.get(call);
}
