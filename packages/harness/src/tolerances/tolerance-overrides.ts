/**
 * What a caller asks for instead of the default tolerance, for all outputs or for one by name.
 *
 * Whoever names a distance (`atol`, `rtol`, `scale`, `ulp`) takes charge of all four: those not named are 0, so that
 * `{ atol: 0 }` means exact and `{ atol: 1e-4, rtol: 1e-3 }` means numpy's `allclose`. Policies not named stay.
 */
import type { DType } from '@rheobase/exporter/tensor';
import type { BackendId } from '@rheobase/runtime';
import { defaultTolerance } from './default-tolerances.js';
import type { Tolerance } from './tolerance.js';

export type ToleranceChange = Partial<Omit<Tolerance, 'reason'>>;

export interface ToleranceOverrides {
  readonly all?: ToleranceChange;
  /** By output name; goes before `all`. */
  readonly outputs?: Readonly<Record<string, ToleranceChange>>;
}

export interface ToleranceQuestion {
  readonly output: string;
  readonly dtype: DType;
  readonly backend: BackendId;
  readonly baseline: BackendId;
  /** What holds where nobody asked for anything; by default what the element type and the providers alone tell. */
  readonly fallback?: Tolerance;
}

/** Answers the tolerance for one output between one backend and the baseline. */
export type TolerancePolicy = (question: ToleranceQuestion) => Tolerance;

export function tolerancePolicy(overrides: ToleranceOverrides = {}): TolerancePolicy {
  return ({ output, dtype, backend, baseline, fallback = defaultTolerance(dtype, backend, baseline) }) => {
    const isNamed = overrides.outputs !== undefined && Object.hasOwn(overrides.outputs, output);
    const general = applyChange(fallback, overrides.all);
    return isNamed ? applyChange(general, overrides.outputs?.[output]) : general;
  };
}

const DISTANCES = ['atol', 'rtol', 'scale', 'ulp'] as const;

/** Whether somebody asked for distances of an output, so that nothing may be allowed beyond them. */
export function asksForDistance(overrides: ToleranceOverrides, output: string): boolean {
  const named = overrides.outputs !== undefined && Object.hasOwn(overrides.outputs, output);
  return [overrides.all, named ? overrides.outputs?.[output] : undefined].some(
    (change) => change !== undefined && DISTANCES.some((distance) => change[distance] !== undefined),
  );
}

function applyChange(tolerance: Tolerance, change: ToleranceChange | undefined): Tolerance {
  if (change === undefined || Object.keys(change).length === 0) return tolerance;
  const namesDistance = DISTANCES.some((distance) => change[distance] !== undefined);
  const cleared = namesDistance ? { atol: 0, rtol: 0, scale: 0, ulp: 0 } : {};
  return { ...tolerance, ...cleared, ...change, reason: 'as asked for' };
}
