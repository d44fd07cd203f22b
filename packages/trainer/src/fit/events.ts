/** What a training tells while it runs, and what it leaves behind. */
import type { Model, ModelOptions, Tensor } from '@rheobase/exporter';

export interface Metrics {
  readonly loss: number;
  /** Share of examples that the output is right about; null for a loss that has no such thing. */
  readonly accuracy: number | null;
  /** Share of silent neurons by layer, over all examples. */
  readonly sparsity: Readonly<Record<string, number>>;
}

export interface EpochLog extends Metrics {
  /** Counted from 1. */
  readonly epoch: number;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  readonly seconds: number;
  readonly validation: Metrics | null;
}

/** After every run of some steps; metrics are those of the epoch so far. */
export interface StepsLog extends Metrics {
  readonly epoch: number;
  /** Steps done since training began. */
  readonly step: number;
  /** Steps done of this epoch's `stepsInEpoch`. */
  readonly stepInEpoch: number;
  readonly stepsInEpoch: number;
}

export type FitEvent =
  | ({ readonly kind: 'steps' } & StepsLog)
  | ({ readonly kind: 'epoch' } & EpochLog)
  | { readonly kind: 'checkpoint'; readonly step: number }
  | { readonly kind: 'resumed'; readonly epoch: number; readonly step: number };

export interface FitResult {
  /** Trained parameters by name. */
  readonly parameters: Readonly<Record<string, Tensor<'float32'>>>;
  readonly history: readonly EpochLog[];
  /** Why training ended: all epochs done, no more progress, or the signal. */
  readonly ended: 'finished' | 'early' | 'aborted';
  /** Steps done, those before a restart included. */
  readonly steps: number;
  /** Mean duration of a step inside the runtime in this run, ms. */
  readonly msPerStep: number;
  /** The trained network for inference; recipe, seed, data hash and metrics are in its metadata. */
  toModel(options?: Partial<Omit<ModelOptions, 'weights' | 'inputShape'>>): Model;
}
