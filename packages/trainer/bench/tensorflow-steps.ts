/**
 * The same steps in TensorFlow.js on its WASM backend, from the same weights on the same batches. It cannot differentiate
 * a threshold, so the gradient is given by hand (`tf.customGrad`). Two ways to write it: as a model of layers, and in the
 * core API, which is faster: `minimize`, with nothing read back before the run is over.
 */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { BATCH, LEARNING_RATE, type Run, type SeedTraining, STEPS, THRESHOLD } from './seed-training.js';

/** The seed recipe's dense layers, and their parameters. */
const LAYERS = ['dense', 'dense_2'].map((layer) => [`${layer}/kernel`, `${layer}/bias`] as const);

export async function useWasm(): Promise<void> {
  await tf.setBackend('wasm');
  await tf.ready();
}

export function coreSteps(training: SeedTraining): Run {
  const [hidden, output] = LAYERS.map(([kernel, bias]) => ({
    kernel: tf.variable(initialOf(training, kernel)) as tf.Tensor2D,
    bias: tf.variable(initialOf(training, bias)),
  }));
  const batches = batchesOf(training, 'int32');
  const optimizer = tf.train.adam(LEARNING_RATE);
  const lossOf = (x: tf.Tensor2D, y: tf.Tensor1D): tf.Scalar => {
    const before = x.matMul(hidden.kernel).add(hidden.bias).relu();
    const logits = threshold(before).matMul(output.kernel).add(output.bias);
    return tf.losses.softmaxCrossEntropy(tf.oneHot(y, 10), logits);
  };
  return async () => {
    const losses = batches.map(({ x, y }) => {
      const loss = optimizer.minimize(() => lossOf(x, y), true);
      if (loss === null) throw new Error('TensorFlow.js gave no loss');
      return loss;
    });
    const values = await Promise.all(losses.map((loss) => loss.data()));
    tf.dispose(losses);
    return values.map(([value]) => value);
  };
}

export function layerSteps(training: SeedTraining): Run {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 128, activation: 'relu', inputShape: [784] }),
      new SparseActivation(),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.setWeights(LAYERS.flat().map((name) => initialOf(training, name)));
  model.compile({ optimizer: tf.train.adam(LEARNING_RATE), loss: 'sparseCategoricalCrossentropy' });
  const batches = batchesOf(training, 'float32');
  return async () => {
    const losses: number[] = [];
    for (const { x, y } of batches) losses.push(Number(await model.trainOnBatch(x, y)));
    return losses;
  };
}

class SparseActivation extends tf.layers.Layer {
  static readonly className = 'SparseActivation';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return threshold(Array.isArray(inputs) ? inputs[0] : inputs);
  }
}

/** y = x where x > θ, else 0; the gradient passes where it fired. */
const threshold = tf.customGrad((x, save) => {
  const input = x as tf.Tensor;
  const mask = input.greater(THRESHOLD).cast('float32');
  (save as (tensors: tf.Tensor[]) => void)([mask]);
  return {
    value: input.mul(mask),
    gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => dy.mul(saved),
  };
});

function initialOf({ initial }: SeedTraining, name: string): tf.Tensor {
  const { data, shape } = initial[name];
  return tf.tensor(data as Float32Array, [...shape]);
}

/** Labels as the loss takes them: `int32` for one-hot, `float32` for layers. */
function batchesOf({ images, labels }: SeedTraining, dtype: 'int32' | 'float32') {
  return Array.from({ length: STEPS }, (_, at) => ({
    x: tf.tensor2d(images.data.subarray(at * BATCH * 784, (at + 1) * BATCH * 784), [BATCH, 784]),
    y: tf.tensor1d(Int32Array.from(labels.data.subarray(at * BATCH, (at + 1) * BATCH), Number), dtype),
  }));
}
