/**
 * Outputs that say nothing: all zero, all equal, all NaN, all infinite. Two backends agree on them whatever they compute,
 * so that agreement proves little: the input may be out of range, or the model broken everywhere alike.
 */
import type { Tensor } from '@rheobase/exporter/tensor';
import type { RunResult } from '@rheobase/runtime';
import { floatElements, isFloatDType } from '../comparison/float-format.js';
import type { Alarm } from '../report/verify-report.js';

export class AlarmLog {
  private readonly alarms = new Map<string, Alarm>();

  constructor(private readonly model: string) {}

  look(backend: string, caseName: string, { outputs }: RunResult): void {
    for (const [output, tensor] of Object.entries(outputs)) {
      const kind = degeneracyOf(tensor);
      if (kind === null) continue;
      const key = JSON.stringify([backend, output, kind]);
      const known = this.alarms.get(key);
      this.alarms.set(
        key,
        known === undefined
          ? { model: this.model, backend, output, kind, cases: 1, case: caseName }
          : { ...known, cases: known.cases + 1 },
      );
    }
  }

  list(): readonly Alarm[] {
    return [...this.alarms.values()];
  }
}

/** Null where at least two elements differ; a single element is degenerate only where it is no number. */
export function degeneracyOf(tensor: Tensor): Alarm['kind'] | null {
  const elements: ArrayLike<unknown> = isFloatDType(tensor.dtype) ? floatElements(tensor).numbers : tensor.data;
  if (elements.length === 0) return null;
  const first = elements[0];
  for (let i = 1; i < elements.length; i += 1) {
    if (elements[i] !== first && !(Number.isNaN(elements[i]) && Number.isNaN(first))) return null;
  }
  if (Number.isNaN(first)) return 'all NaN';
  if (first === Infinity || first === -Infinity) return 'all infinite';
  if (elements.length === 1) return null;
  return first === 0 || first === 0n ? 'all zero' : 'all equal';
}
