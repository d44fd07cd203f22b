/** The loss that goes with an output and its targets, where nobody names one. */
import { badInput, type Network } from '@rheobase/exporter';
import type { Dataset } from '../data/index.js';
import { withInputShape, withTargets } from '../data/index.js';
import {
  binaryCrossentropy,
  categoricalCrossentropy,
  type Loss,
  meanAbsoluteError,
  meanSquaredError,
  sparseCategoricalCrossentropy,
} from '../losses/index.js';
import { shapesOf } from '../step/network-shapes.js';

export const LOSSES = {
  categorical: categoricalCrossentropy,
  'sparse-categorical': sparseCategoricalCrossentropy,
  binary: binaryCrossentropy,
  mse: meanSquaredError,
  mae: meanAbsoluteError,
} as const satisfies Record<string, () => Loss>;

export type LossName = keyof typeof LOSSES;

/**
 * By name, or by what there is: classes and several outputs are sparse categorical cross-entropy, one output that is a
 * sigmoid is binary cross-entropy, rows of probabilities behind a softmax are categorical cross-entropy, all other
 * numbers the mean squared error.
 */
export function chooseLoss(network: Network, data: Dataset, name: LossName | 'auto' = 'auto'): Loss {
  if (name !== 'auto') return LOSSES[name]();
  const { output } = shapesOf(network);
  const last = output.source.kind === 'output' ? output.source.call.schema.opType : '';
  if (data.y.dtype === 'int64') {
    if (output.shape?.length === 2 && output.shape[1] !== 1) return sparseCategoricalCrossentropy();
    return last === 'Sigmoid' ? binaryCrossentropy() : meanSquaredError();
  }
  if (last === 'Softmax' || last === 'LogSoftmax') return categoricalCrossentropy();
  return last === 'Sigmoid' ? binaryCrossentropy() : meanSquaredError();
}

/**
 * The data as the network and the loss take it.
 * @throws RheobaseError `bad-input` where it cannot be.
 */
export function fitted(data: Dataset, network: Network, loss: Loss): Dataset {
  const { dtype, shape } = loss.target(shapesOf(network).output);
  const target = shape?.slice(1);
  if (target === undefined || target.some((dim) => typeof dim !== 'number')) {
    throw badInput(`the model's output [${shape}] does not tell how many numbers it gives`, {
      remedy: 'train a model whose output has a known shape',
    });
  }
  return withTargets(withInputShape(data, network.inputShape), { dtype, shape: target as readonly number[] });
}
