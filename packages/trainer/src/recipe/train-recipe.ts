/** Trains a recipe by its name: the one way from a name to a trained network, for examples and for benchmarks. */
import {
  badInput,
  type NamedActivation,
  RECIPES,
  type Recipe,
  recipeLayers,
  type Sequential,
  sequential,
} from '@rheobase/exporter';
import type { Backend } from '@rheobase/runtime';
import { type LabelledImages, tensorDataset } from '../data/index.js';
import type { FitOptions } from '../fit/index.js';
import { type TrainedNetwork, trainNetwork } from './train-network.js';

export interface RecipeChoice {
  /** f of the threshold layers; default relu. */
  readonly activation?: NamedActivation;
  /** θ, or where it starts; default 0.2. */
  readonly threshold?: number;
  /** Trains θ too, one per neuron of a dense layer, one per channel of a convolution. Default false. */
  readonly learnThreshold?: boolean;
}

export interface TrainRecipeOptions
  extends RecipeChoice,
    Pick<
      FitOptions,
      'epochs' | 'batchSize' | 'learningRate' | 'checkpoint' | 'onEvent' | 'signal' | 'sparsity' | 'session'
    > {
  readonly backend: Backend;
  /** What evaluates the trained network; default `backend`. */
  readonly evaluateOn?: Backend;
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly seed?: number;
}

export type TrainedRecipe = TrainedNetwork;

/**
 * Trains with Adam on sparse categorical cross-entropy.
 * @throws RheobaseError `bad-input` for a name that is no recipe, and as `fit`.
 */
export async function trainRecipe(recipe: string, options: TrainRecipeOptions): Promise<TrainedRecipe> {
  const { train, test, activation, threshold = 0.2, learnThreshold, ...settings } = options;
  const { inputShape } = recipeOf(recipe);
  const choice = { threshold, ...(activation && { activation }), ...(learnThreshold && { learnThreshold }) };
  return trainNetwork(recipeNetwork(recipe, choice), {
    ...settings,
    train: tensorDataset(train.images, train.labels),
    test: tensorDataset(test.images, test.labels),
    loss: 'sparse-categorical',
    inputShape,
    recipe,
  });
}

/** @throws RheobaseError `bad-input` for a name that is no recipe. */
export function recipeOf(recipe: string): Recipe {
  if (Object.hasOwn(RECIPES, recipe)) return RECIPES[recipe as keyof typeof RECIPES];
  throw badInput(`no recipe is called ${JSON.stringify(recipe)}`, {
    remedy: `choose ${Object.keys(RECIPES).join(', ')}`,
  });
}

/** The layers of a recipe. */
export function recipeNetwork(
  recipe: string,
  { threshold = 0.2, activation = 'relu', learnThreshold = false }: RecipeChoice = {},
): Sequential {
  // Axis 1 holds the neurons of a dense layer and the channels of a convolution.
  const theta = learnThreshold ? ({ theta: 'trainable', per: 'channel', axis: 1 } as const) : {};
  return sequential(recipeLayers(recipe, { threshold: { threshold, activation, ...theta } }));
}
