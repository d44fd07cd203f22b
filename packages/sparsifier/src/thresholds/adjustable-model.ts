/**
 * A model whose thresholds are turned from outside: a threshold after each activation, θ of each a graph input. One
 * session serves a whole search.
 */
import {
  type InsertionResult,
  insertThresholds,
  type Model,
  producedValues,
  type SiteSummary,
  type ThresholdSelector,
} from '@rheobase/exporter';
import { badInput, type RheobaseError } from '@rheobase/exporter/errors';
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
  const insert = (chosenBy: ThresholdSelector) =>
    insertThresholds(model, chosenBy, {
      comparison: gate === 'value' ? 'greater' : 'magnitude',
      lowering: 'where',
      threshold: ({ position }) => ({ input: name(position), value: 0 }),
    });
  const found = insert(selector);
  // Only values of the main graph can be watched: those of a branch or a loop have no value outside of it.
  const visible = new Set(producedValues(model));
  const positions = found.chosen.flatMap(({ value, position }) => (visible.has(value) ? [position] : []));
  if (positions.length === 0) throw nothingToThreshold(found);
  const { model: inserted, chosen } =
    positions.length === found.chosen.length ? found : insert({ ...selector, positions });
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

function nothingToThreshold({ chosen, refused }: InsertionResult): RheobaseError {
  const what = 'the model has no activation that can take a threshold';
  const [inside] = chosen;
  if (inside !== undefined) {
    return badInput(`${what}: all of them are inside branches or loops`, {
      where: `node ${inside.node}`,
      remedy: 'fix the inputs that decide the branch with fixInputs()',
    });
  }
  const [first] = refused;
  return badInput(what, {
    ...(first?.node ? { where: `node ${first.node}` } : {}),
    remedy: first === undefined ? 'name the operators to threshold' : first.reason,
  });
}

function scalar(dtype: string | undefined, value: number): Tensor {
  if (dtype === 'float32') return { dtype, shape: [], data: Float32Array.of(value) };
  if (dtype === 'float64') return { dtype, shape: [], data: Float64Array.of(value) };
  throw badInput(`a threshold of ${dtype ?? 'unknown type'} cannot be searched`, { remedy: 'use a float32 model' });
}
