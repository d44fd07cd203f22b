/** What a verification is asked to do. */
import type { Backend, BackendId, ModelSource, SessionOptions } from '@rheobase/runtime';
import type { CaseSource } from '../cases/index.js';
import type { TimingMode } from '../timing/index.js';
import type { ToleranceOverrides } from '../tolerances/index.js';
import type { VerifyEvent } from './events.js';

export interface VerifyOptions {
  /** Paths, or models in memory with the name the report should give them. */
  readonly models: readonly (string | NamedModel)[];
  /**
   * A reference to compare every model with, on each backend by itself, instead of backends with each other: a model of
   * the same inputs and outputs, whose values are matched by name.
   */
  readonly against?: string | NamedModel;
  /** Backends to run on, the baseline among them. They stay the caller's to close. */
  readonly backends: readonly Backend[];
  /** Whose outputs the others are compared with. */
  readonly baseline: BackendId;
  /**
   * Where cases come from; default one seeded case. It is asked anew for every pass over a model (comparison, then
   * the search for what diverged), and must answer with the same cases each time.
   */
  readonly cases?: CaseSource;
  /** Backends whose absence makes the verdict `incomplete`. */
  readonly require?: readonly BackendId[];
  /** What times tell: how long a run takes, or how many a second are done back to back. Default `latency`. */
  readonly mode?: TimingMode;
  /** Warm samples of a timed case, on each backend; 0 takes no timings. Default 30. */
  readonly runs?: number;
  /**
   * Which cases to time: by default the first of each set of input shapes, since time depends on shapes far more than
   * on values.
   */
  readonly time?: 'shapes' | 'first' | 'all';
  /** Time in ms that timing one case may take on one backend. Default 10,000. */
  readonly timingBudgetMs?: number;
  /** Backends whose runs are not timed over and over: recordings. */
  readonly untimed?: readonly BackendId[];
  /** Seeds the order of rounds, the bootstrap, and the default cases. Default 0. */
  readonly seed?: number;
  readonly tolerance?: ToleranceOverrides;
  /** Options of every session. */
  readonly session?: Pick<SessionOptions, 'threads' | 'optimization' | 'timeoutMs'>;
  /** Looks for the first node that diverges, for so many cases per model and backend. Default 4; 0 does not look. */
  readonly searches?: number;
  /** Whether a node that silently ran on another provider than its backend's makes the verdict `diverge`. */
  readonly strictPlacement?: boolean;
  /** Whether every backend is compared with itself too, run in other ways; see noise/. */
  readonly noiseFloor?: boolean;
  /**
   * Folder for the smallest part of a model that still diverges, as a bundle (see reduce/); those of further backends and
   * models go into folders inside it. Needs `searches`.
   */
  readonly reduce?: string;
  /** Versions that only the caller knows, for `environment.versions`. */
  readonly versions?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: VerifyEvent) => void;
}

export interface NamedModel {
  readonly path: string;
  readonly source: ModelSource;
}
