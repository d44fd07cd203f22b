/** What every pass over a model needs to know. */
import type { BackendId, SessionOptions } from '@rheobase/runtime';
import type { CaseSource } from '../cases/index.js';
import type { TolerancePolicy } from '../tolerances/index.js';
import type { Contender } from './contender.js';
import type { VerifyEvent } from './events.js';
import type { ModelUnderTest } from './model-under-test.js';
import type { VerifyOptions } from './options.js';

export interface VerifyContext {
  readonly contenders: readonly Contender[];
  readonly baseline: BackendId;
  readonly cases: CaseSource;
  readonly toleranceOf: TolerancePolicy;
  readonly session: SessionOptions;
  readonly timing: TimingPlan;
  readonly searches: number;
  readonly seed: number;
  readonly emit: (event: VerifyEvent) => void;
}

export interface TimingPlan {
  readonly runs: number;
  readonly which: NonNullable<VerifyOptions['time']>;
  readonly budgetMs: number;
}

/** A context whose passes are about one model. */
export interface ModelContext extends VerifyContext {
  readonly subject: ModelUnderTest;
}
