/** The `rheobase/sweep@1` report: where backends compute something else for the same operator and the same input. */
import type { DType } from '@rheobase/exporter/tensor';
import type { BackendId } from '@rheobase/runtime';
import type { Environment } from '../report/verify-report.js';
import type { DifferenceKind } from './differences.js';
import type { Latitude } from './latitude.js';
import type { ValueClass } from './values.js';

export interface SweepReport {
  readonly schema: 'rheobase/sweep@1';
  readonly environment: Environment;
  /** What the others are compared with where it runs a model; else the first backend that does. */
  readonly baseline: BackendId;
  readonly backends: readonly SweptBackend[];
  /** Models that were swept, and sets of values over all of them. */
  readonly models: number;
  readonly runs: number;
  /** False where the sweep was interrupted. */
  readonly complete: boolean;
  /** What nothing allows, first those of most kinds of damage. */
  readonly findings: readonly Finding[];
  /** What the specifications leave open. */
  readonly allowed: readonly Finding[];
}

export interface SweptBackend {
  readonly id: BackendId;
  readonly status: 'ran' | 'unavailable';
  readonly reason: string | null;
  readonly runtimeVersion: string | null;
  readonly implementation: string | null;
  readonly device: string | null;
  readonly software: boolean;
  /** Runs by outcome; they add up to the runs of the sweep. */
  readonly ran: number;
  readonly unsupported: number;
  readonly errors: number;
  readonly crashed: number;
}

/** One way in which one operator differs on one provider, over all types, forms and values where it does. */
export interface Finding {
  /** One line fit for the title of a bug report. */
  readonly title: string;
  readonly operator: string;
  readonly kind: DifferenceKind;
  readonly backends: readonly BackendId[];
  readonly dtypes: readonly (DType | null)[];
  readonly opsets: readonly number[];
  readonly values: readonly ValueClass[];
  /** Forms of the operator that differ, at most ten. */
  readonly forms: readonly string[];
  /** Runs in which it showed. */
  readonly occurrences: number;
  readonly latitude: Latitude | null;
  readonly example: FindingExample;
  /** The command that shows it again. */
  readonly replay: string;
  /** Folder of its bundle, null where none was asked for. */
  readonly bundle: string | null;
}

/** The smallest occurrence, its inputs made as plain as they can be. */
export interface FindingExample {
  readonly form: string;
  readonly dtype: DType | null;
  readonly opset: number;
  readonly values: ValueClass;
  readonly reference: BackendId;
  readonly backend: BackendId;
  /** Inputs that are fed, each element as text; long ones are cut. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[]; readonly elements: string }[];
  readonly output: string | null;
  readonly index: readonly number[] | null;
  readonly got: string;
  readonly expected: string;
  readonly gotHex: string | null;
  readonly expectedHex: string | null;
}
