/** What a network's layers make of a batch: its graph with everything an input, for shapes and for looking inside. */
import { badInput, type Dim, type FloatDType, input, type Network, type Value } from '@rheobase/exporter';
import { isModelLayer } from '../foreign/model-layer.js';

export interface Watched {
  readonly output: Value<FloatDType>;
  /** Values by the name of their layer, in order; of a model that is a layer, all its values by their own names. */
  readonly layers: Readonly<Record<string, Value>>;
  /** Names of those that silence neurons. */
  readonly gated: readonly string[];
}

/** A network as it infers, with all that is to be seen on the way. */
export function watch(
  network: Network,
  x: Value<FloatDType>,
  values: Readonly<Record<string, Value<FloatDType>>>,
): Watched {
  const layers: Record<string, Value> = {};
  const gated: string[] = [];
  let at = x;
  for (const { name, layer } of network.layers) {
    const own = Object.fromEntries(
      network.parameters
        .filter((parameter) => parameter.layer === name)
        .map((parameter) => [parameter.name.slice(name.length + 1), values[parameter.name]]),
    );
    if (isModelLayer(layer)) {
      const inside = layer.inside(at, own);
      Object.assign(layers, inside.values);
      gated.push(...inside.gates);
      at = inside.output;
      continue;
    }
    at = layer.forward(at, own).named(name);
    layers[name] = at;
    if (layer.gate !== undefined || layer.kind === 'k_winners') gated.push(name);
  }
  return { output: at, layers, gated };
}

export interface NetworkShapes extends Watched {
  /** The graph's inputs by name: `x` and all parameters. */
  readonly inputs: Readonly<Record<string, Value>>;
}

export function shapesOf(network: Network, batch: Dim = 'batch'): NetworkShapes {
  const x = input('x', network.dtype, [batch, ...network.inputShape]);
  const values = network.parameters.map(({ name, dtype, shape }) => [name, input(name, dtype, shape)] as const);
  const parameters = Object.fromEntries(values);
  return { ...watch(network, x, parameters), inputs: { x, ...parameters } };
}

/** Neurons of each gated layer, for one example. */
export function neuronsOf(network: Network): Record<string, number> {
  const { layers, gated } = shapesOf(network);
  return Object.fromEntries(gated.map((name) => [name, sizeOfExample(name, layers[name])]));
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
