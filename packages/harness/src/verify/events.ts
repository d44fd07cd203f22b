/** What happens during a verification, for a progress display. The report does not depend on anyone listening. */
import type { PlainError } from '@rheobase/exporter/errors';
import type { Availability, BackendId } from '@rheobase/runtime';
import type { VerifyReport } from '../report/verify-report.js';

export type VerifyEvent =
  | { readonly kind: 'probed'; readonly backend: BackendId; readonly availability: Availability }
  /** A model's turn comes; `index` counts from 0. */
  | { readonly kind: 'model'; readonly model: string; readonly index: number; readonly count: number }
  | { readonly kind: 'loaded'; readonly model: string; readonly backend: BackendId; readonly loadMs: number }
  /** All outputs of one case were compared with the baseline's. */
  | {
      readonly kind: 'compared';
      readonly model: string;
      readonly backend: BackendId;
      readonly case: string;
      readonly verdict: 'agree' | 'diverge';
    }
  | {
      readonly kind: 'timing';
      readonly model: string;
      readonly case: string;
      readonly round: number;
      readonly rounds: number;
    }
  | {
      readonly kind: 'examining';
      readonly model: string;
      readonly what: 'placement' | 'thresholds' | 'divergence' | 'reduction' | 'noise';
    }
  /** A backend failed and is left out for the rest of this model. */
  | { readonly kind: 'failed'; readonly model: string; readonly backend: BackendId; readonly error: PlainError }
  | { readonly kind: 'done'; readonly verdict: VerifyReport['verdict'] };
