/**
 * Trains a network and says what came of it in the form that scripts read (`rheobase/train@1`), whatever it came from:
 * a recipe, layers of one's own, a model of another tool.
 */
import { badInput, type Network, RheobaseError, type Sequential, type Tensor, type Theta } from '@rheobase/exporter';
import type { Backend } from '@rheobase/runtime';
import { type Dataset, splitDataset } from '../data/index.js';
import { checkData } from '../fit/check-data.js';
import { type EpochLog, evaluate, type FitOptions, type FitResult, fit, type Metrics } from '../fit/index.js';
import { asTheta, gatesOf } from '../foreign/gates.js';
import { isModelLayer } from '../foreign/model-layer.js';
import { adam } from '../optimizers/index.js';
import { type PruneOptions, prune, type WeightSparsity, weightSparsity } from '../pruning/index.js';
import { chooseLoss, fitted, type LossName } from './choose-loss.js';

/** `rheobase/train@1`. Accuracies are shares of 1; `sparsity` is measured on the test data (the training data without). */
export interface TrainLog {
  readonly schema: 'rheobase/train@1';
  /** The recipe, or what else was trained. */
  readonly recipe: string;
  readonly backend: string;
  readonly seed: number;
  readonly loss: string;
  readonly epochs: readonly Pick<EpochLog, 'epoch' | 'loss' | 'accuracy' | 'seconds'>[];
  readonly train: { readonly accuracy: number | null; readonly loss: number };
  /** Null where there is no test data. */
  readonly test: { readonly accuracy: number | null; readonly loss: number | null };
  readonly sparsity: Readonly<Record<string, number>>;
  /** θ of every threshold layer, one number or one for each neuron or channel. */
  readonly thetas: Readonly<Record<string, Theta>>;
  /** Share of weights that are zero. */
  readonly weights: WeightSparsity;
  readonly msPerStep: number;
}

export interface TrainNetworkOptions extends Omit<FitOptions, 'loss' | 'optimizer' | 'masks' | 'maxSteps'> {
  /** Default Adam. */
  readonly optimizer?: FitOptions['optimizer'];
  /** Default: by the targets and the output. */
  readonly loss?: LossName | 'auto';
  /** What evaluates the trained network; default `backend`. */
  readonly evaluateOn?: Backend;
  readonly train: Dataset;
  readonly test?: Dataset | undefined;
  /** Extents of one example, as the network takes it; default those of the data. */
  readonly inputShape?: readonly number[];
  /** How logs, metadata and errors call the network. */
  readonly recipe: string;
  /** Prunes to a share of zero weights, rewinds and trains again. */
  readonly prune?: PruneOptions;
}

export interface TrainedNetwork {
  readonly log: TrainLog;
  readonly result: FitResult;
}

/** Of the training data, what early stopping looks at: test data are to stay unseen. */
const VALIDATION_SHARE = 0.1;

/** @throws RheobaseError as `fit`. */
export async function trainNetwork(model: Sequential, options: TrainNetworkOptions): Promise<TrainedNetwork> {
  const { train, test, inputShape = train.x.shape, loss: lossName, evaluateOn, recipe, ...rest } = options;
  const network = model.build({ inputShape });
  const loss = chooseLoss(network, train, lossName);
  const fittedTo = (data: Dataset, what: string): Dataset => {
    try {
      return fitted(data, network, loss);
    } catch (error) {
      throw error instanceof RheobaseError ? error.within(what) : badInput(String(error), { where: what });
    }
  };
  const examples = fittedTo(train, 'training data');
  const tested = test && fittedTo(test, 'test data');
  if (tested !== undefined) checkData(network, loss, tested, 'test data');
  const { prune: pruning, ...settings } = rest;
  const { seed = 0, backend, earlyStopping, validation } = settings;
  const held =
    earlyStopping === undefined || validation !== undefined
      ? undefined
      : splitDataset(examples, VALIDATION_SHARE, seed);
  const fitOptions: FitOptions = {
    ...settings,
    optimizer: settings.optimizer ?? adam(),
    loss,
    recipe,
    ...(held === undefined ? {} : { validation: held.test }),
  };
  const data = held?.train ?? examples;
  const result =
    pruning === undefined ? await fit(model, data, fitOptions) : await prune(model, data, fitOptions, pruning);

  const evaluation = { backend: evaluateOn ?? backend, loss, parameters: result.parameters, seed };
  const onTrain = await evaluate(network, examples, evaluation);
  const onTest = tested && (await evaluate(network, tested, evaluation));
  const { sparsity } = onTest ?? onTrain;
  return {
    result,
    log: {
      schema: 'rheobase/train@1',
      recipe,
      backend: backend.id,
      seed,
      loss: loss.name,
      epochs: result.history.map(({ epoch, loss: value, accuracy, seconds }) => ({
        epoch,
        loss: value,
        accuracy,
        seconds,
      })),
      train: numbersOf(onTrain),
      test: onTest === undefined ? { accuracy: null, loss: null } : numbersOf(onTest),
      sparsity,
      thetas: thetasOf(network, result.parameters, seed),
      weights: weightSparsity(result.parameters),
      msPerStep: result.msPerStep,
    },
  };
}

function numbersOf({ accuracy, loss }: Metrics): { accuracy: number | null; loss: number } {
  return { accuracy, loss };
}

/** θ of each threshold layer: what was learnt, what was given, or what a model of another tool compares with. */
function thetasOf(
  { layers, parameters }: Network,
  learnt: Readonly<Record<string, Tensor<'float32'>>>,
  seed: number,
): Record<string, Theta> {
  const thetas = layers.flatMap(({ name, layer }): [string, Theta][] => {
    if (isModelLayer(layer)) {
      return gatesOf(layer.model).flatMap(({ output, theta }) => (theta === undefined ? [] : [[output, theta]]));
    }
    const fixed = parameters.find((parameter) => parameter.name === `${name}/theta`);
    if (fixed === undefined) return [];
    const tensor = learnt[fixed.name] ?? fixed.initial(seed);
    return [[name, asTheta(tensor)]];
  });
  return Object.fromEntries(thetas);
}
