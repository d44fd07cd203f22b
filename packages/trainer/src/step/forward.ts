/**
 * A network's forward pass as training runs it: dropout takes its mask, thresholds that are trainable get their
 * gradient. The layers themselves are the network's own.
 */
import {
  badInput,
  constant,
  type FloatDType,
  type Layer,
  type Network,
  type Parameter,
  RheobaseError,
  type Value,
} from '@rheobase/exporter';
import { isModelLayer } from '../foreign/model-layer.js';
import { alignTheta, declareThreshold } from '../threshold/index.js';
import { dropped, isDropout } from './dropout.js';

export interface Gated {
  readonly layer: string;
  /** What came into the layer. */
  readonly x: Value;
  readonly y: Value;
  /** θ aligned with x where the layer has one that is trainable. */
  readonly theta: Value | undefined;
  readonly gate: Layer['gate'];
}

export interface TrainingForward {
  readonly output: Value;
  readonly layers: Readonly<Record<string, Value>>;
  /** Layers that silence neurons, in order. */
  readonly gated: readonly Gated[];
}

export interface ForwardOptions {
  /** Width of the window of trainable thresholds; see `learnedThreshold`. */
  readonly bandwidth?: number;
  /** Seed of parameters that are not trained. */
  readonly seed: number;
  /** What a layer with dropout keeps, shaped like its input. */
  kept(layer: string): Value<'bool'>;
}

export function trainingForward(
  network: Network,
  x: Value<FloatDType>,
  trained: Readonly<Record<string, Value<FloatDType>>>,
  { bandwidth, seed, kept }: ForwardOptions,
): TrainingForward {
  const layers: Record<string, Value> = {};
  const gated: Gated[] = [];
  let at = x;
  for (const { name, layer } of network.layers) {
    const own = parametersOf(network.parameters, name, trained, seed);
    const from = at;
    if (isModelLayer(layer)) {
      const inside = placed(name, () => layer.inside(from, own));
      at = inside.output;
      Object.assign(layers, inside.values);
      for (const gate of inside.gates) {
        gated.push({ layer: gate, x: inside.values[gate], y: inside.values[gate], theta: undefined, gate: undefined });
      }
      continue;
    }
    at = placed(name, () => (isDropout(layer) ? (from as Value<FloatDType>) : layer.forward(from, own))).named(name);
    if (isDropout(layer) && layer.rate > 0) {
      at = dropped(from, kept(name), layer.rate).named(name) as Value<FloatDType>;
    }
    if (layer.gate !== undefined || layer.kind === 'k_winners') {
      const theta = trainedTheta(name, from, layer, trained);
      if (theta !== undefined && layer.gate !== undefined) {
        declareThreshold(at, { x: from, theta, ...layer.gate, ...(bandwidth === undefined ? {} : { bandwidth }) });
      }
      gated.push({ layer: name, x: from, y: at, theta, gate: layer.gate });
    }
    layers[name] = at;
  }
  return { output: at, layers, gated };
}

/** Values of a layer's parameters by their names within it: trained ones as given, the others as they begin. */
function parametersOf(
  parameters: readonly Parameter[],
  layer: string,
  trained: Readonly<Record<string, Value<FloatDType>>>,
  seed: number,
): Record<string, Value<FloatDType>> {
  const own = parameters.filter((parameter) => parameter.layer === layer);
  return Object.fromEntries(
    own.map((parameter) => {
      const value = parameter.trainable
        ? trained[parameter.name]
        : (constant(parameter.initial(seed)) as Value<FloatDType>);
      if (value === undefined) throw badInput(`no value for the parameter '${parameter.name}'`);
      return [parameter.name.slice(layer.length + 1), value];
    }),
  );
}

function trainedTheta(
  name: string,
  x: Value<FloatDType>,
  { gate }: Layer,
  trained: Readonly<Record<string, Value<FloatDType>>>,
): Value<FloatDType> | undefined {
  const theta = trained[`${name}/theta`];
  return theta && alignTheta(x, theta, gate?.axis);
}

function placed<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(`layer '${name}'`) : error;
  }
}
