/**
 * Neurons that nobody reads: their weights in every product behind them are zero, as pruning leaves them. Whatever they
 * compute, the model without them is the same.
 */
import { type Initializer, inMainGraph, type Model, tensorOf } from '@rheobase/exporter';
import { isFloat } from '@rheobase/exporter/tensor';
import { asFloats } from '../calibration/index.js';
import { neuronRegion } from './neuron-region.js';

/** Their numbers; none where the layer's neurons cannot be told apart to where they are read. */
export function unreadNeurons(model: Model, value: string, neurons: number): readonly number[] {
  return inMainGraph(model, (scope) => {
    const region = neuronRegion(scope, value, neurons);
    if (typeof region === 'string') return [];
    const readers = region.slots.filter(({ role }) => role === 'reads');
    if (readers.length === 0) return [];
    const isRead = new Uint8Array(neurons);
    for (const { node, input, axis } of readers) {
      const weight = scope.constant(node.inputs[input] ?? '');
      if (weight === undefined || !isFloat(weight.dtype)) return [];
      markRead(isRead, weight, axis);
    }
    return Array.from(isRead.keys()).filter((neuron) => isRead[neuron] === 0);
  });
}

/** Marks the rows (axis 0) or columns (axis 1) of a matrix that hold something; a NaN is something. */
function markRead(isRead: Uint8Array, weight: Initializer, axis: number): void {
  const values = asFloats(weight.name, tensorOf(weight));
  const [, columns = 1] = weight.shape;
  for (let index = 0; index < values.length; index += 1) {
    if (values[index] !== 0) isRead[axis === 0 ? Math.floor(index / columns) : index % columns] = 1;
  }
}
