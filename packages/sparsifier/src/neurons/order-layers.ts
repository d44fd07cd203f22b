/** The order of a model's neurons, layer by layer: by firing rate, or in blocks that fire together. */
import { type Model, RheobaseError } from '@rheobase/exporter';
import { type NeuronOrder, reorderNeurons } from './reorder-neurons.js';

export interface OrderedLayers {
  readonly model: Model;
  /** Neurons taken out. */
  readonly removed: number;
  /** The order of each layer that was moved, by its value. */
  readonly moved: ReadonlyMap<string, NeuronOrder>;
}

/** Layers whose neurons cannot be moved (inputs, outputs, mixed ones) stay as they are. */
export function orderLayers(
  given: Model,
  orders: Iterable<readonly [value: string, order: NeuronOrder]>,
): OrderedLayers {
  let model = given;
  let removed = 0;
  const moved = new Map<string, NeuronOrder>();
  for (const [value, order] of orders) {
    try {
      model = reorderNeurons(model, value, order);
    } catch (error) {
      if (error instanceof RheobaseError && error.code === 'bad-input') continue;
      throw error;
    }
    removed += order.neurons - order.order.length;
    moved.set(value, order);
  }
  return { model, removed, moved };
}
