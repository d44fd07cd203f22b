/** The `rheobase/conformance@1` report: what became of every case on every backend. */
import type { BackendId } from '@rheobase/runtime';

/**
 * - `passed`: every output of every data set within tolerance.
 * - `failed`: another result, or the runtime refused a model or inputs that the standard allows.
 * - `unsupported`: the backend has no such operator or element type, or cannot carry what goes in or comes out.
 * - `crashed`: the backend's process or page ended, or did not answer in time.
 */
export type CaseOutcome = 'passed' | 'failed' | 'unsupported' | 'crashed';

export interface CaseResult {
  readonly name: string;
  readonly outcome: CaseOutcome;
  /** Why it did not pass, in one line; null where it did. */
  readonly reason: string | null;
}

/** The four counts add up to the number of cases. */
export interface BackendConformance extends Readonly<Record<CaseOutcome, number>> {
  readonly id: BackendId;
  readonly cases: readonly CaseResult[];
}

export interface ConformanceReport {
  readonly schema: 'rheobase/conformance@1';
  /** Those that are on this machine. */
  readonly backends: readonly BackendConformance[];
}

/** A backend that is not on this machine, and so has no row in the report. */
export interface MissingBackend {
  readonly id: BackendId;
  readonly reason: string;
  /** What would bring it, null where nothing would. */
  readonly remedy: string | null;
}

export function conformanceOf(id: BackendId, cases: readonly CaseResult[]): BackendConformance {
  const count = (outcome: CaseOutcome): number => cases.filter((one) => one.outcome === outcome).length;
  return {
    id,
    passed: count('passed'),
    failed: count('failed'),
    unsupported: count('unsupported'),
    crashed: count('crashed'),
    cases,
  };
}
