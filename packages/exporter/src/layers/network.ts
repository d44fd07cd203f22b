/**
 * Layers one after the other, for inputs of a known shape: their parameters by name, and the graph they make. A
 * trainer asks it for the parameters, makes graph inputs of those it trains, and calls `forward` with them.
 */
import type { FloatDType } from '../activation/float-dtype.js';
import { constant } from '../builder/constant.js';
import { input } from '../builder/input.js';
import type { Value } from '../builder/value.js';
import { badInput, RheobaseError } from '../errors.js';
import type { Dim } from '../model/model.js';
import { random } from '../random/random.js';
import type { Tensor } from '../tensor/index.js';
import type { Layer, ParameterSpec } from './layer.js';

export interface Parameter {
  /** `layer/parameter`: `dense/kernel`, `dense_2/bias`. */
  readonly name: string;
  readonly layer: string;
  readonly dtype: FloatDType;
  readonly shape: readonly number[];
  readonly trainable: boolean;
  readonly source: 'initializer' | 'input';
  /** Its first value; the same for the same seed, whatever other layers there are. */
  initial(seed: number): Tensor<FloatDType>;
}

export interface Forward<D extends FloatDType = FloatDType> {
  readonly output: Value<D>;
  /** The output of every layer, by the layer's name. */
  readonly layers: Readonly<Record<string, Value<D>>>;
}

export interface Network {
  /** Extents of one example, without the batch. */
  readonly inputShape: readonly number[];
  readonly dtype: FloatDType;
  /** Layers by name, in order. */
  readonly layers: readonly { readonly name: string; readonly layer: Layer }[];
  readonly parameters: readonly Parameter[];
  /**
   * The graph for x `[batch, …inputShape]`, with a value for every parameter by its full name.
   * @throws RheobaseError `bad-input` where a parameter is missing or a shape does not fit.
   */
  forward<D extends FloatDType>(x: Value<D>, parameters: Readonly<Record<string, Value<D>>>): Forward<D>;
}

/** @throws RheobaseError `bad-input` naming the layer that cannot take what comes to it. */
export function buildNetwork(layers: readonly Layer[], inputShape: readonly number[], dtype: FloatDType): Network {
  const named = nameLayers(layers);
  const parameters: Parameter[] = [];
  let x: Value<FloatDType> = input('input', dtype, ['batch', ...inputShape]);
  for (const { name, layer } of named) {
    x = inLayer(name, () => {
      const specs = layer.parameters(shapeOf(x));
      parameters.push(...specs.map((spec) => parameterOf(name, spec, dtype)));
      const values = specs.map((spec) => [spec.name, placeholder(name, spec, dtype)]);
      return layer.forward(x, Object.fromEntries(values));
    });
  }
  return {
    inputShape,
    dtype,
    layers: named,
    parameters,
    forward: (from, values) => forward(named, parameters, from, values),
  };
}

/**
 * What stands for a parameter while shapes are found. One that stays as it begins is the constant it will be: a layer
 * may be exact for that number alone.
 */
function placeholder(layer: string, spec: ParameterSpec, dtype: FloatDType): Value<FloatDType> {
  if (spec.trainable || spec.source === 'input') return input(spec.name, dtype, spec.shape);
  return constant(spec.initial(dtype, random(0, `${layer}/${spec.name}`))) as Value<FloatDType>;
}

function forward<D extends FloatDType>(
  layers: Network['layers'],
  parameters: readonly Parameter[],
  x: Value<D>,
  values: Readonly<Record<string, Value<D>>>,
): Forward<D> {
  const outputs: Record<string, Value<D>> = {};
  let output = x;
  for (const { name, layer } of layers) {
    const own = parameters
      .filter((parameter) => parameter.layer === name)
      .map((parameter) => {
        const value = values[parameter.name];
        if (value === undefined) throw badInput(`no value for the parameter '${parameter.name}'`);
        return [parameter.name.slice(name.length + 1), value];
      });
    output = inLayer(name, () => layer.forward(output, Object.fromEntries(own))).named(name);
    outputs[name] = output;
  }
  return { output, layers: outputs };
}

/** A layer without a name is called after its kind, the second of a kind `dense_2`, and so on. */
function nameLayers(layers: readonly Layer[]): Network['layers'] {
  if (layers.length === 0) throw badInput('a network without layers');
  const names = new Set<string>();
  const counts = new Map<string, number>();
  return layers.map((layer) => {
    const count = (counts.get(layer.kind) ?? 0) + 1;
    counts.set(layer.kind, count);
    const name = layer.name ?? (count === 1 ? layer.kind : `${layer.kind}_${count}`);
    if (names.has(name)) throw badInput(`two layers are named '${name}'`);
    names.add(name);
    return { name, layer };
  });
}

function parameterOf(layer: string, spec: ParameterSpec, dtype: FloatDType): Parameter {
  const name = `${layer}/${spec.name}`;
  return {
    name,
    layer,
    dtype,
    shape: spec.shape,
    trainable: spec.trainable,
    source: spec.source ?? 'initializer',
    initial: (seed) => spec.initial(dtype, random(seed, name)),
  };
}

function shapeOf(x: Value): readonly Dim[] {
  if (x.shape === null) throw badInput('its input has an unknown rank');
  return x.shape;
}

function inLayer<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof RheobaseError ? error.within(`layer '${name}'`) : error;
  }
}
