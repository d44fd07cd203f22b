/** What a network's layers make of a batch: its graph with everything an input, for shapes and for looking inside. */
import { badInput, type Dim, type Forward, input, type Network, type Value } from '@rheobase/exporter';

export interface NetworkShapes extends Forward {
  /** The graph's inputs by name: `x` and all parameters. */
  readonly inputs: Readonly<Record<string, Value>>;
}

export function shapesOf(network: Network, batch: Dim = 'batch'): NetworkShapes {
  const x = input('x', network.dtype, [batch, ...network.inputShape]);
  const values = network.parameters.map(({ name, dtype, shape }) => [name, input(name, dtype, shape)] as const);
  const parameters = Object.fromEntries(values);
  return { ...network.forward(x, parameters), inputs: { x, ...parameters } };
}

/** Names of the layers that silence neurons. */
export function gatedLayers({ layers }: Network): string[] {
  return layers.filter(({ layer }) => layer.gate !== undefined || layer.kind === 'k_winners').map(({ name }) => name);
}

/** Neurons of each gated layer, for one example. */
export function neuronsOf(network: Network): Record<string, number> {
  const { layers } = shapesOf(network);
  return Object.fromEntries(gatedLayers(network).map((name) => [name, sizeOfExample(name, layers[name])]));
}

/** Extents of what comes into a layer, for one example. */
export function inputShapeOf(network: Network, layer: string): readonly number[] {
  const at = network.layers.findIndex(({ name }) => name === layer);
  return at === 0 ? network.inputShape : exampleShape(layer, shapesOf(network).layers[network.layers[at - 1].name]);
}

function exampleShape(layer: string, { shape }: Value): readonly number[] {
  const dims = shape?.slice(1);
  if (dims?.every((dim) => typeof dim === 'number')) return dims as readonly number[];
  throw badInput('its shape is not known before running', { where: `layer '${layer}'` });
}

function sizeOfExample(layer: string, value: Value): number {
  return exampleShape(layer, value).reduce((product, extent) => product * extent, 1);
}
