/**
 * A model whose thresholds are turned from outside: a threshold after each activation, θ of each a graph input. One
 * session serves a whole search.
 */
import { insertThresholds, type Model, type SiteSummary, type ThresholdSelector } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import type { Tensor } from '@rheobase/exporter/tensor';
import type { Feeds } from '@rheobase/runtime';
import type { GateKind } from '../calibration/index.js';

export interface AdjustableModel {
  readonly model: Model;
  /** The activations that got a threshold, in order. */
  readonly sites: readonly SiteSummary[];
  /** What to feed beside the samples, for one threshold a site; `undefined` lets everything through. */
  feeds(thetas: readonly (number | undefined)[]): Feeds;
}

/**
 * Finds activations and makes their thresholds adjustable.
 * @throws RheobaseError `bad-input` where the model has no activation that can take a threshold.
 */
export function adjustable(model: Model, selector: ThresholdSelector, gate: GateKind): AdjustableModel {
  const name = (position: number) => `rheobase/theta/${position}`;
  const {
    model: inserted,
    chosen,
    refused,
  } = insertThresholds(model, selector, {
    comparison: gate === 'value' ? 'greater' : 'magnitude',
    lowering: 'where',
    threshold: ({ position }) => ({ input: name(position), value: 0 }),
  });
  if (chosen.length === 0) {
    const [first] = refused;
    throw badInput('the model has no activation that can take a threshold', {
      ...(first?.node ? { where: first.node } : {}),
      remedy: first === undefined ? 'name the operators to threshold' : first.reason,
    });
  }
  const inputs = new Set(chosen.map(({ position }) => name(position)));
  const { graph } = inserted;
  // Without its default a threshold must be fed: ONNX Runtime's JavaScript API does not list inputs that have one.
  const initializers = graph.initializers.filter((initializer) => !inputs.has(initializer.name));
  const lowest = gate === 'value' ? Number.NEGATIVE_INFINITY : -1;
  return {
    model: { ...inserted, graph: { ...graph, initializers } },
    sites: chosen,
    feeds: (thetas) =>
      Object.fromEntries(
        chosen.map(({ position, type }, index) => [name(position), scalar(type?.dtype, thetas[index] ?? lowest)]),
      ),
  };
}

function scalar(dtype: string | undefined, value: number): Tensor {
  if (dtype === 'float32') return { dtype, shape: [], data: Float32Array.of(value) };
  if (dtype === 'float64') return { dtype, shape: [], data: Float64Array.of(value) };
  throw badInput(`a threshold of ${dtype ?? 'unknown type'} cannot be searched`, { remedy: 'use a float32 model' });
}
