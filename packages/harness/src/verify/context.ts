/** What every pass over a model needs to know. */
import type { BackendId, SessionOptions } from '@rheobase/runtime';
import type { CaseSource } from '../cases/index.js';
import type { TimingMode } from '../timing/index.js';
import type { ToleranceOverrides } from '../tolerances/index.js';
import type { BundleShelf } from './bundle-shelf.js';
import type { Contender } from './contender.js';
import type { VerifyEvent } from './events.js';
import type { ModelTolerances, Pair } from './model-tolerances.js';
import type { ModelUnderTest } from './model-under-test.js';
import type { VerifyOptions } from './options.js';

export interface VerifyContext {
  readonly contenders: readonly Contender[];
  readonly baseline: BackendId;
  readonly cases: CaseSource;
  readonly tolerance: ToleranceOverrides;
  readonly session: SessionOptions;
  readonly timing: TimingPlan;
  readonly searches: number;
  readonly noiseFloor: boolean;
  /** Where reduced divergences go; null where nobody wants any. */
  readonly bundles: BundleShelf | null;
  readonly seed: number;
  readonly emit: (event: VerifyEvent) => void;
}

export interface TimingPlan {
  readonly mode: TimingMode;
  readonly runs: number;
  readonly which: NonNullable<VerifyOptions['time']>;
  readonly budgetMs: number;
  readonly untimed: readonly BackendId[];
}

/** A context whose passes are about one model. */
export interface ModelContext extends VerifyContext {
  readonly subject: ModelUnderTest;
  /** What backends may differ by; known once the first case tells the shapes of the inputs. */
  readonly tolerances: ModelTolerances;
  /** The baseline runs a reference model whose nodes are not the same, so that the same code rounds otherwise. */
  readonly isRewired?: boolean;
}

/** A backend and the baseline, as the tolerance between them needs to know them. */
export function pairOf({ contenders, baseline, isRewired }: ModelContext, backend: BackendId): Pair {
  const [one, other] = [backend, baseline].map((id) => contenders.find((contender) => contender.id === id));
  const isSame = isRewired !== true && one !== undefined && other !== undefined && one.runsSameCodeAs(other);
  return { backend, baseline, isSame };
}
