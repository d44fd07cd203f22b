/**
 * Training is the same everywhere: the first 100 losses of the seed recipe (784-128-10, Adam, one seed, real digits) on
 * every backend within 1e-3 of those of node/cpu.
 */
import { encodeModel, recipeLayers, sequential, type Tensor } from '@rheobase/exporter';
import {
  adam,
  packVector,
  parameterVector,
  type StepOptions,
  sparseCategoricalCrossentropy,
  trainingLoop,
} from '@rheobase/trainer';
import { loadMnist } from '@rheobase/trainer/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { backendById, FIVE_BACKENDS, reasonToSkip } from './backends.js';

const STEPS = 100;
/** Small, for the sake of software GPUs. */
const BATCH = 8;
const SEED = 0;

/** The losses of 100 steps, run as one graph. */
async function lossesOn(id: string): Promise<number[]> {
  const network = sequential(recipeLayers('mnist-mlp')).build({ inputShape: [784] });
  const options: StepOptions = { loss: sparseCategoricalCrossentropy(), optimizer: adam(), batch: BATCH };
  const { images, labels } = await loadMnist('train', STEPS * BATCH);
  const vector = parameterVector(network);
  const first = Object.fromEntries(network.parameters.map((one) => [one.name, one.initial(SEED)]));
  const floats = (shape: readonly number[], data: Float32Array): Tensor => ({ dtype: 'float32', shape, data });
  const zeros = () => floats([vector.size], new Float32Array(vector.size));
  const backend = backendById(id);
  try {
    const session = await backend.open({ bytes: encodeModel(trainingLoop(network, options)) });
    const { outputs } = await session.run({
      x: floats([STEPS, BATCH, 784], images.data),
      y: { dtype: 'int64', shape: [STEPS, BATCH], data: labels.data },
      parameters: floats([vector.size], packVector(vector, first)),
      mean: zeros(),
      variance: zeros(),
      learningRate: floats([STEPS], new Float32Array(STEPS).fill(1e-3)),
      step: floats(
        [STEPS],
        Float32Array.from({ length: STEPS }, (_, at) => at + 1),
      ),
    });
    return Array.from(outputs.loss.data as Float32Array);
  } finally {
    await backend.close();
  }
}

let expected: readonly number[];
beforeAll(async () => {
  expected = await lossesOn('node/cpu');
}, 60_000);

describe('the first 100 losses', async () => {
  it('fall on node/cpu', () => {
    expect(expected).toHaveLength(STEPS);
    const mean = (losses: readonly number[]) => losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    expect(mean(expected.slice(-10))).toBeLessThan(mean(expected.slice(0, 10)) / 2);
  });

  for (const id of FIVE_BACKENDS.slice(1)) {
    const reason = await reasonToSkip(id);
    it.skipIf(reason !== null)(
      `on ${id} are those of node/cpu${reason === null ? '' : ` (${reason})`}`,
      async () => {
        const losses = await lossesOn(id);
        const apart = losses.map((loss, step) => Math.abs(loss - expected[step]) / expected[step]);
        expect(Math.max(...apart)).toBeLessThan(1e-3);
      },
      180_000,
    );
  }
});
