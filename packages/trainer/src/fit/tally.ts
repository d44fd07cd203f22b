/** Metrics of many batches, summed up; plain numbers, so that a checkpoint in mid-epoch carries them along. */
import type { Tensor } from '@rheobase/exporter';
import type { Metrics } from './events.js';

export interface Tally {
  examples: number;
  /** Σ loss · batch. */
  loss: number;
  /** Null where the loss counts nothing. */
  correct: number | null;
  /** Active neurons by layer, summed over examples. */
  readonly active: Record<string, number>;
}

export function emptyTally(): Tally {
  return { examples: 0, loss: 0, correct: null, active: {} };
}

const ACTIVE = 'active/';

/** Adds what a run of steps told, each of `batch` examples. */
export function addRun(tally: Tally, outputs: Readonly<Record<string, Tensor>>, batch: number): void {
  const losses = outputs.loss.data as Float32Array;
  for (const loss of losses) tally.loss += loss * batch;
  tally.examples += losses.length * batch;
  for (const [name, { data }] of Object.entries(outputs)) {
    const sum = () => (data as Float32Array).reduce((total, value) => total + value, 0);
    if (name === 'correct') tally.correct = (tally.correct ?? 0) + sum();
    if (name.startsWith(ACTIVE)) {
      const layer = name.slice(ACTIVE.length);
      tally.active[layer] = (tally.active[layer] ?? 0) + sum();
    }
  }
}

/** `neurons`: of each layer, for an example; `decisions`: how many of an example `correct` counts. */
export function metricsOf(tally: Tally, neurons: Readonly<Record<string, number>>, decisions: number): Metrics {
  const { examples, loss, correct, active } = tally;
  const silent = Object.entries(active).map(([layer, count]) => [layer, 1 - count / (examples * neurons[layer])]);
  return {
    loss: loss / examples,
    accuracy: correct === null ? null : correct / (examples * decisions),
    sparsity: Object.fromEntries(silent),
  };
}
