/** When training brings nothing any more. Decided by the log alone, so that it is the same after a restart. */
import type { EpochLog } from './events.js';

export interface EarlyStopping {
  /** Epochs without progress after which training ends. */
  readonly patience: number;
  /** Of the validation data, or of the training data where there is none; default `loss`. */
  readonly monitor?: 'loss' | 'accuracy';
  /** What counts as progress; default 0. */
  readonly minDelta?: number;
  /** Whether the result has the parameters of the best epoch; default true. */
  readonly restoreBest?: boolean;
}

/** The epoch with the best value so far, 0 for none. */
export function bestEpoch(history: readonly EpochLog[], { monitor = 'loss', minDelta = 0 }: EarlyStopping): number {
  let best = -Infinity;
  let epoch = 0;
  for (const log of history) {
    const metrics = log.validation ?? log;
    const value = monitor === 'loss' ? -metrics.loss : (metrics.accuracy ?? -metrics.loss);
    if (value > best + (epoch === 0 ? 0 : minDelta)) {
      best = value;
      epoch = log.epoch;
    }
  }
  return epoch;
}

export function hasStalled(history: readonly EpochLog[], options: EarlyStopping): boolean {
  return history.length - bestEpoch(history, options) >= options.patience && history.length > 0;
}
