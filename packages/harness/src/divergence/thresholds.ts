/**
 * The thresholds in a model: places where a real number is compared with θ and the answer decides whether a neuron
 * fires. There a difference in the last bit between two backends becomes a difference of the size of the neuron, so
 * they deserve to be looked at apart. Those of the main graph are, whose values can be seen.
 */
import { type Comparator, type Model, readThresholds, type ThresholdComparison } from '@rheobase/exporter';

/** A comparison, or an operator that compares by itself. */
export type Threshold = ThresholdComparison;

export function findThresholds(model: Model): readonly Threshold[] {
  return readThresholds(model).comparisons.filter(({ within }) => within.length === 0);
}

/** Whether a neuron fires by this comparison. Neither side fires on NaN. */
export function fires(comparator: Comparator, x: number, theta: number): boolean {
  switch (comparator) {
    case '>':
      return x > theta;
    case '>=':
      return x >= theta;
    case '<':
      return x < theta;
    case '<=':
      return x <= theta;
  }
}
