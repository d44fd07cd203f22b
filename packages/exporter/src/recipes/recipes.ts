/**
 * Networks that have a name, so that exporting, training and benchmarks speak of the same one. A recipe is its layers;
 * a model with initial weights and a trainer's graph are both made from them.
 */
import { badInput } from '../errors.js';
import {
  conv2d,
  dense,
  flatten,
  type Layer,
  type ModelOptions,
  maxPool2d,
  reshape,
  type SparseActivationOptions,
  sequential,
  sparseActivation,
} from '../layers/index.js';
import type { Model } from '../model/model.js';

export interface Recipe {
  /** One line for people who choose. */
  readonly description: string;
  /** Extents of one example, without the batch. */
  readonly inputShape: readonly number[];
  /** Its layers, each threshold made by `threshold`. */
  layers(threshold: () => Layer): readonly Layer[];
}

const PIXELS = 28 * 28;
const DIGITS = 10;

/** With Glorot's smaller weights hardly a neuron would pass the first threshold, and nothing behind it could learn. */
const CONVOLUTION = { activation: 'relu', padding: 'same', kernelInitialization: 'heUniform' } as const;

const TABLE = {
  'mnist-mlp': {
    description: '784 -> Dense(128, relu) -> SparseActivation(0.2, relu) -> Dense(10, softmax): handwritten digits',
    inputShape: [PIXELS],
    layers: (threshold) => [dense(128, { activation: 'relu' }), threshold(), dense(DIGITS, { activation: 'softmax' })],
  },
  'mnist-mlp-wide': {
    description:
      '784 -> 2 x (Dense(2048, relu) -> SparseActivation(0.2, relu)) -> Dense(10, softmax): wide enough to skip',
    inputShape: [PIXELS],
    layers: (threshold) => [
      dense(2048, { activation: 'relu' }),
      threshold(),
      dense(2048, { activation: 'relu' }),
      threshold(),
      dense(DIGITS, { activation: 'softmax' }),
    ],
  },
  'mnist-cnn': {
    description:
      '28 x 28 -> 2 x (Conv(3 x 3, relu) -> SparseActivation(0.2, relu) -> MaxPool(2)) -> Dense(128, relu) -> SparseActivation -> Dense(10, softmax)',
    inputShape: [PIXELS],
    layers: (threshold) => [
      reshape([1, 28, 28]),
      conv2d(16, 3, CONVOLUTION),
      threshold(),
      maxPool2d(2),
      conv2d(32, 3, CONVOLUTION),
      threshold(),
      maxPool2d(2),
      flatten(),
      dense(128, { activation: 'relu' }),
      threshold(),
      dense(DIGITS, { activation: 'softmax' }),
    ],
  },
} as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof TABLE;

export const RECIPES: Readonly<Record<RecipeName, Recipe>> = TABLE;

export interface RecipeOptions {
  /** What each threshold of the recipe is; where left out, θ is 0.2 and f is relu. */
  readonly threshold?: Partial<Omit<SparseActivationOptions, 'name'>>;
}

export interface RecipeModelOptions extends RecipeOptions, Pick<ModelOptions, 'weights' | 'layerOutputs'> {
  /** Seed of the initial weights; default 0. */
  readonly seed?: number;
  /** Version of ai.onnx; default 21. */
  readonly opset?: number;
}

/**
 * The layers of a recipe: what `sequential` and a trainer take.
 * @throws RheobaseError `bad-input` for a name that is no recipe.
 */
export function recipeLayers(name: string, { threshold }: RecipeOptions = {}): readonly Layer[] {
  return recipe(name).layers(() => sparseActivation({ threshold: 0.2, activation: 'relu', ...threshold }));
}

/**
 * A recipe as a model: `x` float32 `[batch, 784]` in, `probabilities` float32 `[batch, 10]` out. Recipe and seed are
 * in its metadata.
 * @throws RheobaseError `bad-input` for a name that is no recipe, `inexact` for a lowering that is not the same function.
 */
export function recipeModel(name: string, options: RecipeModelOptions = {}): Model {
  const { threshold, seed = 0, opset, weights, layerOutputs } = options;
  const { inputShape } = recipe(name);
  const layers = recipeLayers(name, { threshold: opset === undefined ? { ...threshold } : { opset, ...threshold } });
  return sequential(layers).toModel({
    inputShape,
    batch: 'batch',
    inputName: 'x',
    outputName: 'probabilities',
    seed,
    metadata: { recipe: name, seed: String(seed) },
    ...(opset === undefined ? {} : { opset }),
    ...(weights === undefined ? {} : { weights }),
    ...(layerOutputs === undefined ? {} : { layerOutputs }),
  });
}

function recipe(name: string): Recipe {
  if (Object.hasOwn(RECIPES, name)) return RECIPES[name as RecipeName];
  throw badInput(`no recipe is called '${name}'`, { remedy: `choose ${Object.keys(RECIPES).join(' or ')}` });
}
