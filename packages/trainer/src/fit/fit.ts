/**
 * The fit loop: epochs over shuffled batches, on any backend. Steps run in groups inside the runtime (`trainingLoop`);
 * between two groups there is time to report, to write a checkpoint, and to stop.
 */
import { badInput, type Sequential, type Tensor } from '@rheobase/exporter';
import type { Backend, SessionOptions } from '@rheobase/runtime';
import type { Dataset } from '../data/index.js';
import { checkWeights } from '../foreign/check-weights.js';
import type { LearningRate } from '../optimizers/index.js';
import type { StepOptions } from '../step/index.js';
import { neuronsOf } from '../step/network-shapes.js';
import { checkData } from './check-data.js';
import type { CheckpointStore } from './checkpoint.js';
import type { EarlyStopping } from './early-stopping.js';
import type { FitEvent, FitResult } from './events.js';
import { trainedModel } from './trained-model.js';
import { Training } from './training.js';

export interface FitOptions extends Omit<StepOptions, 'batch' | 'seed' | 'masked'> {
  readonly backend: Backend;
  /** Default 10. */
  readonly epochs?: number;
  /** Default 32. What remains of an epoch is a smaller last batch. */
  readonly batchSize?: number;
  /** A rate, or one for each step; default 0.001. */
  readonly learningRate?: LearningRate;
  /** Evaluated after every epoch. */
  readonly validation?: Dataset;
  /** Of first weights, order and dropout; default 0. */
  readonly seed?: number;
  /** Steps in one run of the graph; default 32. Decides how often there are events, and nothing else. */
  readonly stepsPerRun?: number;
  readonly earlyStopping?: EarlyStopping;
  readonly checkpoint?: {
    /** Resumed from where it holds something; written after every epoch and when training is aborted. */
    readonly store: CheckpointStore;
    /** Written after so many steps too. */
    readonly everySteps?: number;
  };
  readonly onEvent?: (event: FitEvent) => void;
  /** Ends training after the steps under way, with a checkpoint if there is a store. */
  readonly signal?: AbortSignal;
  /** First parameters by name, in place of random ones. */
  readonly initial?: Readonly<Record<string, Tensor>>;
  /** Ends training after so many steps, in the middle of an epoch too. */
  readonly maxSteps?: number;
  /** Ones and zeros by parameter name: parameters are zero where their mask is, from the first step on. */
  readonly masks?: Readonly<Record<string, Tensor<'float32'>>>;
  /** How metadata calls the network. */
  readonly recipe?: string;
  readonly session?: SessionOptions;
}

/**
 * Trains a network on a data set.
 * @throws RheobaseError `bad-input` for data, parameters or a checkpoint that do not fit, before the first step;
 *   `failed` where the loss stops being a number, naming step and layer; whatever the backend throws.
 */
export async function fit(model: Sequential, data: Dataset, options: FitOptions): Promise<FitResult> {
  const network = model.build({ inputShape: data.x.shape });
  checkOptions(options);
  if (options.distillation !== undefined) {
    checkWeights(options.distillation.teacher, options.distillation.name ?? 'the teacher');
  }
  if (options.sparsity !== undefined && Object.keys(neuronsOf(network)).length === 0) {
    throw badInput('no layer of the network silences neurons, so that none can be pulled to silence', {
      remedy: 'put sparseActivation({ threshold }) among its layers',
    });
  }
  checkData(network, options.loss, data, 'training data');
  if (options.validation !== undefined) checkData(network, options.loss, options.validation, 'validation data');
  const dataHash = await data.hash();
  const training = new Training(network, data, dataHash, options);
  try {
    await training.resume();
    const ended = await training.run();
    return training.result(ended, (parameters, history, choice) =>
      trainedModel(model, { data, dataHash, options, parameters, history }, choice),
    );
  } finally {
    await training.close();
  }
}

function checkOptions({ epochs = 10, batchSize = 32, stepsPerRun = 32, maxSteps = 1 }: FitOptions): void {
  for (const [name, value] of Object.entries({ epochs, batchSize, stepsPerRun, maxSteps })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw badInput(`${name} is ${value}`, { remedy: 'give a whole number of 1 or more' });
  }
}
