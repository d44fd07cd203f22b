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
}

/** Answers the tolerance for one output between one backend and the baseline. */
export type TolerancePolicy = (question: ToleranceQuestion) => Tolerance;

export function tolerancePolicy(overrides: ToleranceOverrides = {}): TolerancePolicy {
  // One object for all questions with one answer: a report may have a row for each of many thousand cases.
  const answers = new Map<string, Tolerance>();
  return ({ output, dtype, backend, baseline }) => {
    const named = overrides.outputs !== undefined && Object.hasOwn(overrides.outputs, output);
    const key = JSON.stringify([named ? output : null, dtype, backend, baseline]);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const general = applyChange(defaultTolerance(dtype, backend, baseline), overrides.all);
    const answer = named ? applyChange(general, overrides.outputs?.[output]) : general;
    answers.set(key, answer);
    return answer;
  };
}

const DISTANCES = ['atol', 'rtol', 'scale', 'ulp'] as const;

function applyChange(tolerance: Tolerance, change: ToleranceChange | undefined): Tolerance {
  if (change === undefined || Object.keys(change).length === 0) return tolerance;
  const namesDistance = DISTANCES.some((distance) => change[distance] !== undefined);
  const cleared = namesDistance ? { atol: 0, rtol: 0, scale: 0, ulp: 0 } : {};
  return { ...tolerance, ...cleared, ...change, reason: 'as asked for' };
}
