/** The `rheobase/bench@1` report: two models against each other, on each backend. Times are in ms. */
import type { ErrorCode } from '@rheobase/exporter/errors';
import type { BackendId } from '@rheobase/runtime';
import type { BackendRow, Environment } from '../report/verify-report.js';
import type { Interval, TimingMode } from '../timing/index.js';

export interface BenchReport {
  readonly schema: 'rheobase/bench@1';
  /** Paths of A and B. */
  readonly models: readonly [string, string];
  readonly results: readonly BenchRow[];
  /** What could not be timed, and why; an unavailable backend is no failure but a row of `backends`. */
  readonly failures: readonly BenchFailure[];
  readonly backends: readonly BenchBackend[];
  readonly environment: Environment;
}

/** One case on one backend. */
export interface BenchRow {
  readonly backend: BackendId;
  /** Intra-op threads, null where the runtime chose. */
  readonly threads: number | null;
  /** What the times tell: how long a run takes, or how long each of many back to back. */
  readonly mode: TimingMode;
  /** Where outputs were when a run's time ended: `device` leaves out bringing them back from a GPU. */
  readonly outputs: 'host' | 'device';
  readonly case: string;
  readonly a: BenchTiming;
  readonly b: BenchTiming;
  /** Time of A / time of B with its 95 % interval over launches; null where the clock was too coarse to tell. */
  readonly ratio: Interval | null;
  /** How often both were loaded anew. */
  readonly launches: number;
}

/** Of the warm runs: the median and its 95 % interval. */
export interface BenchTiming {
  readonly medianMs: number;
  readonly ciLowMs: number;
  readonly ciHighMs: number;
  readonly runs: number;
  /** Runs that a sample is the mean of, at most; 1 for latency where the backend's clock is fine enough. */
  readonly runsPerSample: number;
  /** Runs a second, back to back, with their 95 % interval; null for latency. */
  readonly runsPerSecond: Interval | null;
  /** Median over the launches. */
  readonly loadMs: number;
}

export interface BenchFailure {
  readonly backend: BackendId;
  readonly threads: number | null;
  readonly model: string;
  /** Null where the model did not load. */
  readonly case: string | null;
  readonly code: ErrorCode;
  /** In one line. */
  readonly reason: string;
}

export type BenchBackend = Pick<
  BackendRow,
  | 'id'
  | 'status'
  | 'reason'
  | 'required'
  | 'runtimeVersion'
  | 'implementation'
  | 'device'
  | 'software'
  | 'clockResolutionMs'
>;
