import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildModel,
  constant,
  dense,
  encodeModel,
  flatten,
  input,
  type Layer,
  op,
  random,
  recipeLayers,
  sequential,
  sparseActivation,
  type Tensor,
} from '@rheobase/exporter';
import { encodeNpz } from '@rheobase/runtime/npz';
import { nodeBackend } from '@rheobase/runtime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dataset, normalization, tensorDataset } from '../data/index.js';
import { meanSquaredError, sparseCategoricalCrossentropy } from '../losses/index.js';
import { checkpointFile, loadMnist } from '../node/index.js';
import { adam, cosine, sgd } from '../optimizers/index.js';
import { dropout } from '../step/index.js';
import { evaluate, type FitEvent, type FitOptions, fit } from './index.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
const base = { backend, loss: sparseCategoricalCrossentropy(), optimizer: adam(), session: { threads: 1 } };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rheobase-fit-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Points in 8 dimensions whose class is the largest of their first three. */
function points(count: number, seed = 1): Dataset {
  const { uniform } = random(seed);
  const x = Float32Array.from({ length: count * 8 }, () => uniform() * 2 - 1);
  const classOf = (at: number) => {
    const [a, b, c] = x.subarray(at * 8, at * 8 + 3);
    return a > b && a > c ? 0n : b > c ? 1n : 2n;
  };
  return tensorDataset(
    { dtype: 'float32', shape: [count, 8], data: x },
    { dtype: 'int64', shape: [count], data: BigInt64Array.from({ length: count }, (_, at) => classOf(at)) },
  );
}

const small = (...between: Layer[]) =>
  sequential([
    dense(16, { activation: 'relu' }),
    sparseActivation({ threshold: 0.05, theta: 'trainable' }),
    ...between,
    dense(3, { activation: 'softmax' }),
  ]);

describe('fit on real digits', () => {
  it('learns; the exported model scores what evaluate says, and tells where it comes from', async () => {
    const train = await loadMnist('train', 4000);
    const test = await loadMnist('test', 1000);
    const data = tensorDataset(train.images, train.labels);
    const validation = tensorDataset(test.images, test.labels);
    const events: FitEvent[] = [];
    const result = await fit(sequential(recipeLayers('mnist-mlp')), data, {
      ...base,
      epochs: 2,
      validation,
      recipe: 'mnist-mlp',
      onEvent: (event) => events.push(event),
    });
    expect(result.history.map(({ epoch }) => epoch)).toEqual([1, 2]);
    const [first, last] = result.history;
    expect(last.loss).toBeLessThan(first.loss / 2);
    expect(last.validation?.accuracy).toBeGreaterThan(0.85);
    expect(last.sparsity.sparse_activation).toBeGreaterThan(0.2);
    expect(result).toMatchObject({ ended: 'finished', steps: 250 });
    const steps = events.flatMap((event) => (event.kind === 'steps' ? [[event.step, event.stepInEpoch]] : []));
    expect(steps).toEqual([
      ...[32, 64, 96, 125].map((step) => [step, step]),
      ...[32, 64, 96, 125].map((step) => [125 + step, step]),
    ]);

    const network = sequential(recipeLayers('mnist-mlp')).build({ inputShape: [784] });
    const metrics = await evaluate(network, validation, { ...base, parameters: result.parameters });
    expect(metrics).toEqual(last.validation);

    const model = result.toModel({ inputName: 'x', outputName: 'probabilities' });
    expect(model.metadata).toMatchObject({ recipe: 'mnist-mlp', 'training.epochs': '2', 'training.examples': '4000' });
    expect(model.metadata['training.dataSha256']).toMatch(/^[0-9a-f]{64}$/);
    const session = await backend.open({ bytes: encodeModel(model) });
    const { outputs } = await session.run({ x: test.images });
    await session.close();
    const scores = outputs.probabilities.data as Float32Array;
    const right = Array.from(test.labels.data).filter((label, row) => {
      const own = scores.subarray(row * 10, row * 10 + 10);
      return own.indexOf(Math.max(...own)) === Number(label);
    });
    expect(right.length / 1000).toBeCloseTo(metrics.accuracy ?? 0, 10);
  });
});

describe('fit', () => {
  it('sees every example once an epoch, the rest in a smaller batch, in another order each epoch', async () => {
    const seen: number[] = [];
    const plain = points(75);
    const data: Dataset = {
      ...plain,
      read: (indices, x, y) => {
        if (indices.length <= 20) seen.push(...indices);
        plain.read(indices, x, y);
      },
    };
    const result = await fit(small(), data, { ...base, epochs: 2, batchSize: 10, stepsPerRun: 2 });
    const epochs = [seen.slice(0, 75), seen.slice(75)];
    for (const epoch of epochs)
      expect(epoch.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 75 }, (_, at) => at));
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(result.steps).toBe(16);
  });

  it('ends the same however its steps are grouped, and differently by another seed', async () => {
    const options = { ...base, epochs: 2, batchSize: 16, learningRate: cosine({ rate: 0.01, steps: 20 }) };
    const model = small(dropout({ rate: 0.3 }));
    const run = async (changes: Partial<FitOptions>) =>
      (await fit(model, points(150), { ...options, ...changes })).parameters;
    const expected = await run({ stepsPerRun: 1 });
    expect(await run({ stepsPerRun: 4 })).toEqual(expected);
    expect(await run({ stepsPerRun: 100 })).toEqual(expected);
    expect(await run({ seed: 1 })).not.toEqual(expected);
  });

  it('resumes an aborted training to the same end', async () => {
    const model = small(dropout({ rate: 0.3 }));
    const data = points(200);
    const validation = points(50, 2);
    const options = { ...base, epochs: 3, batchSize: 16, stepsPerRun: 2, learningRate: 0.01, validation };
    const whole = await fit(model, data, options);

    const store = checkpointFile(join(folder, 'resumed.npz'));
    for (const stopAfter of [9, 20]) {
      const controller = new AbortController();
      const part = await fit(model, data, {
        ...options,
        checkpoint: { store },
        signal: controller.signal,
        onEvent: (event) => {
          if (event.kind === 'steps' && event.step >= stopAfter) controller.abort();
        },
      });
      expect(part.ended).toBe('aborted');
      expect(part.steps).toBeLessThan(whole.steps);
    }
    const resumed: FitEvent[] = [];
    const rest = await fit(model, data, { ...options, checkpoint: { store }, onEvent: (event) => resumed.push(event) });
    expect(resumed[0].kind).toBe('resumed');
    expect(rest.parameters).toEqual(whole.parameters);
    const withoutTime = (history: typeof whole.history) => history.map(({ seconds: _, ...log }) => log);
    expect(withoutTime(rest.history)).toEqual(withoutTime(whole.history));
    expect(rest.steps).toBe(whole.steps);
  });

  it('stops early, with the parameters of the best epoch', async () => {
    const options = {
      ...base,
      epochs: 50,
      learningRate: 0.3,
      optimizer: sgd({ momentum: 0.95 }),
      validation: points(60, 2),
    };
    const result = await fit(small(), points(60), { ...options, earlyStopping: { patience: 2 } });
    expect(result.ended).toBe('early');
    const losses = result.history.map(({ validation }) => validation?.loss ?? Number.NaN);
    const best = losses.indexOf(Math.min(...losses));
    expect(losses.length).toBe(best + 3);
    const network = small().build({ inputShape: [8] });
    const metrics = await evaluate(network, points(60, 2), { ...base, parameters: result.parameters });
    expect(metrics.loss).toBe(losses[best]);
  });

  it('reaches a target sparsity by its thresholds', async () => {
    const options = {
      ...base,
      epochs: 30,
      batchSize: 20,
      learningRate: 0.01,
      sparsity: { target: { sparsity: 0.8, weight: 1 } },
    };
    const result = await fit(small(), points(400), options);
    expect(result.history.at(-1)?.sparsity.sparse_activation).toBeGreaterThan(0.7);
    expect(result.parameters['sparse_activation/theta'].data[0]).toBeGreaterThan(0.05);
  });

  it('trains a regression on normalised data, and the model takes data as they came', async () => {
    const { uniform } = random(4);
    const x = Float32Array.from({ length: 300 }, () => 500 + 100 * uniform());
    const y = x.map((value) => (value - 550) / 50);
    const tensorOf = (data: Float32Array): Tensor => ({ dtype: 'float32', shape: [300, 1], data });
    const data = tensorDataset(tensorOf(x), tensorOf(y));
    const model = sequential([normalization(data), flatten(), dense(8, { activation: 'tanh' }), dense(1)]);
    const result = await fit(model, data, { ...base, loss: meanSquaredError(), epochs: 60, learningRate: 0.02 });
    expect(result.history.at(-1)).toMatchObject({ accuracy: null });
    expect(result.history.at(-1)?.loss).toBeLessThan(0.01);
    const session = await backend.open({ bytes: encodeModel(result.toModel()) });
    const { outputs } = await session.run({ input: { dtype: 'float32', shape: [1, 1], data: Float32Array.of(575) } });
    await session.close();
    expect(outputs.output.data[0]).toBeCloseTo(0.5, 0);
  });
});

describe('errors', () => {
  const images = (count: number, ...shape: number[]): Tensor => {
    const size = shape.reduce((product, extent) => product * extent, count);
    return { dtype: 'float32', shape: [count, ...shape], data: new Float32Array(size) };
  };
  const labels = (...list: number[]): Tensor => ({
    dtype: 'int64',
    shape: [list.length],
    data: BigInt64Array.from(list, BigInt),
  });

  it.each<[string, () => Promise<unknown> | unknown, RegExp]>([
    ['an empty data set', () => tensorDataset(images(0, 8), labels()), /the data set is empty/],
    ['counts that differ', () => tensorDataset(images(2, 8), labels(1)), /2 inputs and 1 targets/],
    [
      'a label out of range',
      () => fit(small(), tensorDataset(images(3, 8), labels(0, 1, 3)), base),
      /^training data: target of example 2: is the class 3, the network has the classes 0 to 2$/,
    ],
    [
      'targets of another kind',
      () => fit(small(), tensorDataset(images(3, 8), images(3, 3)), base),
      /^training data: its targets are float32 \[3\], sparseCategoricalCrossentropy takes int64 \[\]$/,
    ],
    [
      'validation data of another size',
      () => fit(small(), points(10), { ...base, validation: tensorDataset(images(3, 9), labels(0, 1, 2)) }),
      /^validation data: its examples are float32 \[9\], the network takes float32 \[8\]$/,
    ],
    [
      'an input that is no number',
      () => {
        const broken = images(3, 8);
        (broken.data as Float32Array)[17] = Number.NaN;
        return fit(small(), tensorDataset(broken, labels(0, 1, 2)), base);
      },
      /^training data: input of example 2: holds NaN$/,
    ],
    ['no epochs', () => fit(small(), points(10), { ...base, epochs: 0 }), /epochs is 0; give a whole number/],
    [
      'weights that are not finite',
      () => {
        const kernel: Tensor = { dtype: 'float32', shape: [8, 16], data: new Float32Array(128).fill(Infinity) };
        return fit(small(), points(10), { ...base, initial: { 'dense/kernel': kernel } });
      },
      /parameter 'dense\/kernel' \[.*\] begins with .* at element \d+; give finite weights/,
    ],
    [
      'a pull where nothing is silent',
      () => fit(sequential([dense(3)]), points(10), { ...base, sparsity: { l1: 0.1 } }),
      /no layer of the network silences neurons, so that none can be pulled to silence; put sparseActivation/,
    ],
    [
      'a teacher whose weights are none',
      () => {
        const x = input('x', 'float32', ['n', 8]);
        const kernel = constant({ dtype: 'float32', shape: [8, 3], data: new Float32Array(24).fill(NaN) }, 'w');
        const teacher = buildModel({ inputs: [x], outputs: { y: op.matMul(x, kernel) } });
        return fit(small(), points(10), { ...base, distillation: { teacher, name: 'large.onnx' } });
      },
      /^large\.onnx: its weight 'w' \[8,3\] holds NaN at element 0/,
    ],
    [
      'a learning rate that breaks it',
      () => fit(small(), points(100), { ...base, optimizer: sgd(), learningRate: 1e30 }),
      /the loss is (NaN|Infinity) at step 2 \(epoch 1\): layer 'dense(_2)?' gives it.*; lower the learning rate/,
    ],
  ])('%s', async (_name, action, message) => {
    await expect((async () => action())()).rejects.toThrow(message);
  });

  it('a checkpoint of another training says what differs; a damaged one says where', async () => {
    const path = join(folder, 'other.npz');
    const store = checkpointFile(path);
    await fit(small(), points(20), { ...base, epochs: 1, checkpoint: { store } });
    const resume = (changes: Partial<FitOptions>, model = small()) =>
      fit(model, points(20), { ...base, epochs: 2, checkpoint: { store }, ...changes });
    await expect(resume({ optimizer: sgd() })).rejects.toThrow(
      /other\.npz: is of another training: its optimizer is \{"name":"adam".*here it is \{"name":"sgd"/,
    );
    await expect(resume({}, sequential([dense(3, { activation: 'softmax' })]))).rejects.toThrow(
      /its parameters is .*here it is/,
    );
    const other = [sparseActivation({ threshold: 0.5 }), sparseActivation({ threshold: 0.5, activation: 'tanh' })];
    for (const layer of [...other, dropout({ rate: 0.1 })]) {
      await expect(resume({}, small(layer))).rejects.toThrow(/its network is "[0-9a-f]{16}", here it is/);
    }
    await writeFile(path, (await readFile(path)).subarray(0, 500));
    await expect(resume({})).rejects.toThrow(/other\.npz/);
    await writeFile(path, encodeNpz({ x: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } }));
    await expect(resume({})).rejects.toThrow(/other\.npz: is no checkpoint, it holds x/);
  });

  it.runIf(process.platform === 'linux')('a full disk ends training with an error that names the file', async () => {
    const store = { ...checkpointFile('/dev/full'), load: async () => undefined };
    await expect(fit(small(), points(20), { ...base, epochs: 1, checkpoint: { store } })).rejects.toThrow(
      /\/dev\/full/,
    );
  });
});
