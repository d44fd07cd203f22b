/** Backend tests on several backends: one after the other, so that none takes the other's time-out. */
import type { Backend, BackendId } from '@rheobase/runtime';
import type { Tolerance } from '../tolerances/index.js';
import type { ConformanceCase } from './backend-test.js';
import {
  type BackendConformance,
  type CaseResult,
  type ConformanceReport,
  conformanceOf,
  type MissingBackend,
} from './conformance-report.js';
import { ONNX_TOLERANCE, runCase } from './run-case.js';

export interface ConformanceOptions {
  readonly cases: readonly ConformanceCase[];
  readonly backends: readonly Backend[];
  /** Default `ONNX_TOLERANCE`. */
  readonly tolerance?: Tolerance;
  /** Longest that one load or run may take, in ms; default 60,000. */
  readonly timeoutMs?: number;
  /** Hears of every case as it is done. */
  readonly onEvent?: (event: ConformanceEvent) => void;
}

export interface ConformanceEvent {
  readonly backend: BackendId;
  /** Cases done on this backend, this one included. */
  readonly done: number;
  readonly total: number;
  readonly result: CaseResult;
}

export interface ConformanceResult {
  readonly report: ConformanceReport;
  readonly missing: readonly MissingBackend[];
}

/** Runs every case on every backend that is there. The backends stay open; who made them closes them. */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceResult> {
  const rows: BackendConformance[] = [];
  const missing: MissingBackend[] = [];
  for (const backend of options.backends) {
    const availability = await backend.probe();
    if (availability.available) {
      rows.push(conformanceOf(backend.id, await runAll(backend, options)));
    } else {
      missing.push({ id: backend.id, reason: availability.reason, remedy: availability.remedy });
    }
  }
  return { report: { schema: 'rheobase/conformance@1', backends: rows }, missing };
}

async function runAll(
  backend: Backend,
  { cases, tolerance = ONNX_TOLERANCE, timeoutMs = 60_000, onEvent }: ConformanceOptions,
): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (const test of cases) {
    const result = await runCase(backend, test, { tolerance, timeoutMs });
    results.push(result);
    onEvent?.({ backend: backend.id, done: results.length, total: cases.length, result });
  }
  return results;
}
