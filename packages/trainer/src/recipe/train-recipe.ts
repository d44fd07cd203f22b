/**
 * Trains a recipe by its name and says what came of it in the form that scripts read (`rheobase/train@1`): the one way
 * from a name to a trained network, for the command line, for examples and for benchmarks.
 */
import {
  badInput,
  type NamedActivation,
  type Network,
  RECIPES,
  recipeLayers,
  type Sequential,
  sequential,
  type Tensor,
} from '@rheobase/exporter';
import type { Backend } from '@rheobase/runtime';
import { type Dataset, type LabelledImages, tensorDataset } from '../data/index.js';
import { type EpochLog, evaluate, type FitOptions, type FitResult, fit } from '../fit/index.js';
import { sparseCategoricalCrossentropy } from '../losses/index.js';
import { adam } from '../optimizers/index.js';

export interface TrainRecipeOptions
  extends Pick<
    FitOptions,
    'epochs' | 'batchSize' | 'learningRate' | 'checkpoint' | 'onEvent' | 'signal' | 'sparsity' | 'session'
  > {
  readonly backend: Backend;
  /** What evaluates the trained network; default `backend`. */
  readonly evaluateOn?: Backend;
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** f of the threshold layers; default relu. */
  readonly activation?: NamedActivation;
  /** θ, or where it starts; default 0.2. */
  readonly threshold?: number;
  /** Trains θ too, one per neuron of a dense layer, one per channel of a convolution. Default false. */
  readonly learnThreshold?: boolean;
  readonly seed?: number;
}

/** `rheobase/train@1`. Accuracies are shares of 1; `sparsity` is measured on the test images. */
export interface TrainLog {
  readonly schema: 'rheobase/train@1';
  readonly recipe: string;
  readonly backend: string;
  readonly seed: number;
  readonly epochs: readonly Pick<EpochLog, 'epoch' | 'loss' | 'accuracy' | 'seconds'>[];
  readonly train: { readonly accuracy: number | null };
  readonly test: { readonly accuracy: number | null; readonly loss: number };
  readonly sparsity: Readonly<Record<string, number>>;
  readonly thetas: Readonly<Record<string, number | readonly number[]>>;
  readonly msPerStep: number;
}

export interface TrainedRecipe {
  readonly log: TrainLog;
  readonly result: FitResult;
}

/**
 * Trains with Adam on sparse categorical cross-entropy.
 * @throws RheobaseError `bad-input` for a name that is no recipe, and as `fit`.
 */
export async function trainRecipe(recipe: string, options: TrainRecipeOptions): Promise<TrainedRecipe> {
  const { backend, evaluateOn = backend, seed = 0, threshold = 0.2 } = options;
  const inputShape = inputShapeOf(recipe);
  const model = networkOf(recipe, { ...options, threshold });
  const train = datasetOf(options.train, inputShape);
  const test = datasetOf(options.test, inputShape);
  const loss = sparseCategoricalCrossentropy();
  const { epochs, batchSize, learningRate, checkpoint, onEvent, signal, sparsity, session } = options;
  const result = await fit(model, train, {
    ...given({ epochs, batchSize, learningRate, checkpoint, onEvent, signal, sparsity, session }),
    backend,
    loss,
    optimizer: adam(),
    seed,
    recipe,
  });
  const network: Network = model.build({ inputShape });
  const evaluation = { backend: evaluateOn, loss, parameters: result.parameters };
  const onTrain = await evaluate(network, train, evaluation);
  const onTest = await evaluate(network, test, evaluation);
  const log: TrainLog = {
    schema: 'rheobase/train@1',
    recipe,
    backend: backend.id,
    seed,
    epochs: result.history.map(({ epoch, loss: value, accuracy, seconds }) => ({
      epoch,
      loss: value,
      accuracy,
      seconds,
    })),
    train: { accuracy: onTrain.accuracy },
    test: { accuracy: onTest.accuracy, loss: onTest.loss },
    sparsity: onTest.sparsity,
    thetas: thetasOf(Object.keys(onTest.sparsity), result.parameters, threshold),
    msPerStep: result.msPerStep,
  };
  return { log, result };
}

function inputShapeOf(recipe: string): readonly number[] {
  if (Object.hasOwn(RECIPES, recipe)) return RECIPES[recipe as keyof typeof RECIPES].inputShape;
  throw badInput(`no recipe is called ${JSON.stringify(recipe)}`, {
    remedy: `choose ${Object.keys(RECIPES).join(', ')}`,
  });
}

function networkOf(
  recipe: string,
  { threshold, activation = 'relu', learnThreshold = false }: TrainRecipeOptions,
): Sequential {
  // Axis 1 holds the neurons of a dense layer and the channels of a convolution.
  const theta = learnThreshold ? ({ theta: 'trainable', per: 'channel', axis: 1 } as const) : {};
  return sequential(recipeLayers(recipe, { threshold: { threshold: threshold ?? 0.2, activation, ...theta } }));
}

function datasetOf({ images, labels }: LabelledImages, inputShape: readonly number[]): Dataset {
  return tensorDataset({ ...images, shape: [images.shape[0], ...inputShape] }, labels);
}

/** θ of each threshold layer: what was learnt, else what was given. */
function thetasOf(
  layers: readonly string[],
  parameters: Readonly<Record<string, Tensor<'float32'>>>,
  fixed: number,
): Record<string, number | readonly number[]> {
  return Object.fromEntries(
    layers.map((layer) => {
      const learnt = parameters[`${layer}/theta`];
      return [layer, learnt === undefined ? fixed : Array.from(learnt.data)];
    }),
  );
}

function given<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
