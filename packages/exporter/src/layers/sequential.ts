/** A stack of layers, and the model that it becomes. */
import type { FloatDType } from '../activation/float-dtype.js';
import { type BuildOptions, buildModel } from '../builder/build-model.js';
import { constant } from '../builder/constant.js';
import { input } from '../builder/input.js';
import type { Value } from '../builder/value.js';
import { badInput } from '../errors.js';
import type { Dim, Model } from '../model/model.js';
import type { Tensor } from '../tensor/index.js';
import type { Layer } from './layer.js';
import { buildNetwork, type Network, type Parameter } from './network.js';

export interface NetworkOptions {
  /** Extents of one example, without the batch: `[784]`. */
  readonly inputShape: readonly number[];
  /** Default `float32`. */
  readonly dtype?: FloatDType;
}

export interface ModelOptions extends NetworkOptions, Pick<BuildOptions, 'opset' | 'name' | 'docString' | 'metadata'> {
  /** The batch dimension: a fixed number, a name, or null; default `batch`. */
  readonly batch?: Dim;
  /** Seed of the weights that begin at random; default 0. */
  readonly seed?: number;
  /** Weights by full name (`dense/kernel`). If given, every trainable parameter must be there. */
  readonly weights?: Readonly<Record<string, Tensor>>;
  /** Default `input`. */
  readonly inputName?: string;
  /** Default `output`. */
  readonly outputName?: string;
  /** Layers whose outputs become further outputs of the model, by their own names. */
  readonly layerOutputs?: readonly string[];
}

export interface Sequential {
  readonly layers: readonly Layer[];
  /** The layers for inputs of a shape: parameters and graph function. */
  build(options: NetworkOptions): Network;
  /**
   * A model with weights in it.
   * @throws RheobaseError `bad-input` where a layer cannot take what comes to it, or a weight is missing, unknown, or
   *   of another shape or element type.
   */
  toModel(options: ModelOptions): Model;
}

export function sequential(layers: readonly Layer[]): Sequential {
  const build = ({ inputShape, dtype = 'float32' }: NetworkOptions) => buildNetwork(layers, inputShape, dtype);
  return { layers, build, toModel: (options) => toModel(build(options), options) };
}

function toModel(network: Network, options: ModelOptions): Model {
  const { batch = 'batch', seed = 0, weights, inputName = 'input', outputName = 'output', layerOutputs = [] } = options;
  if (weights !== undefined) checkNames(network.parameters, weights);
  const x = input(inputName, network.dtype, [batch, ...network.inputShape]);
  const parameters = network.parameters.map((parameter): [string, Value<FloatDType>] => [
    parameter.name,
    parameter.source === 'input'
      ? input(parameter.name, network.dtype, parameter.shape)
      : (constant(tensorFor(parameter, weights, seed), parameter.name) as Value<FloatDType>),
  ]);
  const { output, layers } = network.forward(x, Object.fromEntries(parameters));
  const further = layerOutputs.map((name): [string, Value] => {
    if (layers[name] === undefined)
      throw badInput(`no layer '${name}'`, { remedy: `choose of ${Object.keys(layers)}` });
    return [name, layers[name]];
  });
  const fed = parameters.map(([, value]) => value).filter(({ source }) => source.kind === 'input');
  const { opset, name, docString, metadata } = options;
  return buildModel({
    inputs: [x, ...fed],
    outputs: { [outputName]: output, ...Object.fromEntries(further) },
    ...(opset === undefined ? {} : { opset }),
    ...(name === undefined ? {} : { name }),
    ...(docString === undefined ? {} : { docString }),
    ...(metadata === undefined ? {} : { metadata }),
  });
}

function tensorFor(parameter: Parameter, weights: ModelOptions['weights'], seed: number): Tensor {
  const given = weights?.[parameter.name];
  if (given === undefined) return parameter.initial(seed);
  const { name, dtype, shape } = parameter;
  if (given.dtype !== dtype || given.shape.join() !== shape.join()) {
    throw badInput(`weight '${name}' is ${given.dtype} [${given.shape}], the layer takes ${dtype} [${shape}]`);
  }
  return given;
}

function checkNames(parameters: readonly Parameter[], weights: Readonly<Record<string, Tensor>>): void {
  const missing = parameters.find(({ name, trainable }) => trainable && weights[name] === undefined);
  if (missing !== undefined) throw badInput(`the weights lack '${missing.name}' [${missing.shape}]`);
  const unknown = Object.keys(weights).find((name) => !parameters.some((parameter) => parameter.name === name));
  if (unknown !== undefined) {
    throw badInput(`the weight '${unknown}' belongs to no layer`, {
      remedy: `the layers have ${parameters.map(({ name }) => name).join(', ')}`,
    });
  }
}
