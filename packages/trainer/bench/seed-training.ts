/** The training that is measured: the seed recipe's network, its first weights, and the batches it is given. */
import {
  encodeModel,
  type Model,
  type Network,
  type RecipeName,
  recipeLayers,
  sequential,
  type Tensor,
} from '@rheobase/exporter';
import type { Backend, Feeds, Session } from '@rheobase/runtime';
import {
  adam,
  packVector,
  parameterVector,
  sparseCategoricalCrossentropy,
  trainingLoop,
  trainingStep,
} from '@rheobase/trainer';
import { loadMnist } from '@rheobase/trainer/node';

/** Steps of one timed run. */
export const STEPS = 32;
export const BATCH = 32;
export const LEARNING_RATE = 1e-3;
export const THRESHOLD = 0.2;

const SLOTS = ['mean', 'variance'];

export interface SeedTraining {
  readonly network: Network;
  readonly initial: Readonly<Record<string, Tensor>>;
  /** float32 `[STEPS · BATCH, 784]` and int64 `[STEPS · BATCH]`. */
  readonly images: Tensor<'float32'>;
  readonly labels: Tensor<'int64'>;
}

export async function seedTraining(recipe: RecipeName = 'mnist-mlp'): Promise<SeedTraining> {
  const network = sequential(recipeLayers(recipe)).build({ inputShape: [784] });
  const initial = Object.fromEntries(network.parameters.map((one) => [one.name, one.initial(0)]));
  return { network, initial, ...(await loadMnist('train', STEPS * BATCH)) };
}

/** Trains STEPS steps further; answers the loss of each. */
export type Run = () => Promise<readonly number[]>;

/** Each step a run of its own: its state comes out to JavaScript and goes in again. */
export async function singleSteps(backend: Backend, training: SeedTraining): Promise<Run> {
  const session = await openOn(backend, trainingStep(training.network, optionsOf()));
  let state = firstState(training);
  const { images, labels } = training;
  return async () => {
    const losses: number[] = [];
    for (let at = 0; at < STEPS; at += 1) {
      const { outputs } = await session.run({
        ...state,
        x: float([BATCH, 784], images.data.subarray(at * BATCH * 784, (at + 1) * BATCH * 784)),
        y: { dtype: 'int64', shape: [BATCH], data: labels.data.subarray(at * BATCH, (at + 1) * BATCH) },
        learningRate: float([], Float32Array.of(LEARNING_RATE)),
        step: float([], Float32Array.of(at + 1)),
      });
      state = nextState(outputs);
      losses.push(Number(outputs.loss.data[0]));
    }
    return losses;
  };
}

/** STEPS steps as one Scan, as `fit` runs them. */
export async function scannedSteps(backend: Backend, training: SeedTraining): Promise<Run> {
  const session = await openOn(backend, trainingLoop(training.network, optionsOf()));
  let state = firstState(training);
  const { images, labels } = training;
  const counted = Float32Array.from({ length: STEPS }, (_, at) => at + 1);
  return async () => {
    const { outputs } = await session.run({
      ...state,
      x: float([STEPS, BATCH, 784], images.data),
      y: { dtype: 'int64', shape: [STEPS, BATCH], data: labels.data },
      learningRate: float([STEPS], new Float32Array(STEPS).fill(LEARNING_RATE)),
      step: float([STEPS], counted),
    });
    state = nextState(outputs);
    return Array.from(outputs.loss.data as Float32Array);
  };
}

function optionsOf() {
  return { loss: sparseCategoricalCrossentropy(), optimizer: adam(), batch: BATCH };
}

function openOn(backend: Backend, model: Model): Promise<Session> {
  return backend.open({ bytes: encodeModel(model) }, { threads: 1 });
}

function firstState({ network, initial }: SeedTraining): Feeds {
  const vector = parameterVector(network);
  const slots = SLOTS.map((slot) => [slot, float([vector.size], new Float32Array(vector.size))]);
  return { parameters: float([vector.size], packVector(vector, initial)), ...Object.fromEntries(slots) };
}

function nextState(outputs: Readonly<Record<string, Tensor>>): Feeds {
  const slots = SLOTS.map((slot) => [slot, outputs[`next/${slot}`]]);
  return { parameters: outputs.nextParameters, ...Object.fromEntries(slots) };
}

function float(shape: readonly number[], data: Float32Array): Tensor<'float32'> {
  return { dtype: 'float32', shape, data };
}
