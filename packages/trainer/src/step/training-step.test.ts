import {
  dense,
  encodeModel,
  type Model,
  type Network,
  random,
  recipeLayers,
  sequential,
  sparseActivation,
  type Tensor,
} from '@rheobase/exporter';
import type { Session } from '@rheobase/runtime';
import { nodeBackend } from '@rheobase/runtime-node';
import { describe, expect, it } from 'vitest';
import type { LabelledImages } from '../data/index.js';
import { sparseCategoricalCrossentropy } from '../losses/index.js';
import { loadMnist } from '../node/index.js';
import { adam, adamW, sgd } from '../optimizers/index.js';
import { dropout, packVector, parameterVector, type StepOptions, trainingLoop, trainingStep } from './index.js';

const BATCH = 32;
const options: StepOptions = { loss: sparseCategoricalCrossentropy(), optimizer: adam() };
const seedNetwork = sequential(recipeLayers('mnist-mlp')).build({ inputShape: [784] });

const scalar = (value: number): Tensor => ({ dtype: 'float32', shape: [], data: Float32Array.of(value) });

function initialState(network: Network, slots: readonly string[]): Record<string, Tensor> {
  const vector = parameterVector(network);
  const initial = Object.fromEntries(network.parameters.map((one) => [one.name, one.initial(7)]));
  const of = (data: Float32Array): Tensor => ({ dtype: 'float32', shape: [vector.size], data });
  return {
    parameters: of(packVector(vector, initial)),
    ...Object.fromEntries(slots.map((slot) => [slot, of(new Float32Array(vector.size))])),
  };
}

function nextState(outputs: Readonly<Record<string, Tensor>>, slots: readonly string[]): Record<string, Tensor> {
  return {
    parameters: outputs.nextParameters,
    ...Object.fromEntries(slots.map((slot) => [slot, outputs[`next/${slot}`]])),
  };
}

function batchOf(
  { images, labels }: LabelledImages,
  first: number,
  leading: readonly number[],
): Record<string, Tensor> {
  const count = leading.reduce((product, extent) => product * extent, 1);
  return {
    x: { dtype: 'float32', shape: [...leading, 784], data: images.data.subarray(first * 784, (first + count) * 784) },
    y: { dtype: 'int64', shape: leading, data: labels.data.subarray(first, first + count) },
  };
}

async function open(model: Model, id = 'node/cpu'): Promise<Session> {
  return nodeBackend(id, { isolation: 'none' }).open({ bytes: encodeModel(model) }, { threads: 1 });
}

const first = (tensor: Tensor): number => Number(tensor.data[0]);
const SLOTS = ['mean', 'variance'];

/** Losses of `steps` single steps over real digits. */
async function lossesOn(id: string, data: LabelledImages, steps: number): Promise<number[]> {
  const session = await open(trainingStep(seedNetwork, options), id);
  let state = initialState(seedNetwork, SLOTS);
  const losses: number[] = [];
  for (let step = 1; step <= steps; step += 1) {
    const feeds = {
      ...batchOf(data, (step - 1) * BATCH, [BATCH]),
      ...state,
      learningRate: scalar(1e-3),
      step: scalar(step),
    };
    const { outputs } = await session.run(feeds);
    losses.push(first(outputs.loss));
    state = nextState(outputs, SLOTS);
  }
  await session.close();
  return losses;
}

describe('the seed recipe on real digits', () => {
  it('learns, and its first 100 losses are those of node/wasm', async () => {
    const data = await loadMnist('train', 100 * BATCH);
    const cpu = await lossesOn('node/cpu', data, 100);
    const mean = (losses: readonly number[]) => losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    expect(cpu[0]).toBeGreaterThan(2);
    expect(mean(cpu.slice(-10))).toBeLessThan(0.6);
    const wasm = await lossesOn('node/wasm', data, 100);
    for (const [step, loss] of cpu.entries()) expect(Math.abs(wasm[step] - loss) / loss).toBeLessThan(1e-3);
  });

  it('counts what is right and what is active as the model itself does', async () => {
    const data = await loadMnist('train', BATCH);
    const session = await open(trainingStep(seedNetwork, options));
    const state = initialState(seedNetwork, SLOTS);
    const { outputs } = await session.run({
      ...batchOf(data, 0, [BATCH]),
      ...state,
      learningRate: scalar(0),
      step: scalar(1),
    });
    await session.close();
    const model = sequential(recipeLayers('mnist-mlp')).toModel({
      inputShape: [784],
      seed: 7,
      layerOutputs: ['sparse_activation'],
    });
    const inference = await open(model);
    const result = (await inference.run({ input: batchOf(data, 0, [BATCH]).x })).outputs;
    await inference.close();
    const hidden = result.sparse_activation.data as Float32Array;
    expect(first(outputs['active/sparse_activation'])).toBe(hidden.filter((value) => value !== 0).length);
    const scores = result.output.data as Float32Array;
    const isRight = (row: number) => {
      const own = scores.subarray(row * 10, row * 10 + 10);
      return own.indexOf(Math.max(...own)) === Number(data.labels.data[row]);
    };
    expect(first(outputs.correct)).toBe(Array.from({ length: BATCH }, (_, row) => row).filter(isRight).length);
    const loss = Array.from({ length: BATCH }, (_, row) => -Math.log(scores[row * 10 + Number(data.labels.data[row])]));
    expect(first(outputs.loss)).toBeCloseTo(loss.reduce((sum, value) => sum + value, 0) / BATCH, 4);
    expect(outputs.nextParameters.data).toEqual(state.parameters.data);
  });
});

describe('trainingLoop', () => {
  const { uniform } = random(5);
  const network = sequential([
    dense(6, { activation: 'relu' }),
    sparseActivation({ threshold: [0.1, 0.1, 0.1, 0.1, 0.1, 0.1], theta: 'trainable' }),
    dropout({ rate: 0.5 }),
    dense(3, { activation: 'softmax' }),
  ]).build({ inputShape: [4] });
  const STEPS = 5;
  const floats = (length: number) => Float32Array.from({ length }, () => uniform() * 2 - 1);
  const x = floats(STEPS * 8 * 4);
  const y = BigInt64Array.from({ length: STEPS * 8 }, () => BigInt(Math.floor(uniform() * 3)));
  const kept = Uint8Array.from({ length: STEPS * 8 * 6 }, () => (uniform() < 0.5 ? 1 : 0));
  const rates = Float32Array.of(0.1, 0.05, 0.02, 0.01, 0.005);

  it.each<[string, Partial<StepOptions>]>([
    ['adam', {}],
    ['adamW, clipped', { optimizer: adamW({ weightDecay: 0.1 }), clipNorm: 0.5 }],
    [
      'sgd with momentum and penalties',
      { optimizer: sgd({ momentum: 0.9, weightDecay: 0.01 }), sparsity: { l0: 0.1, l1: 0.01 } },
    ],
    ['plain sgd, a fixed batch', { optimizer: sgd(), batch: 8, sparsity: { target: { sparsity: 0.8, weight: 1 } } }],
  ])('is the single step, over and over: %s', async (_name, changes) => {
    const chosen = { ...options, ...changes };
    const { slots } = chosen.optimizer;
    const single = await open(trainingStep(network, chosen));
    const loop = await open(trainingLoop(network, chosen));
    const start = initialState(network, slots);
    const many = await loop.run({
      ...start,
      x: { dtype: 'float32', shape: [STEPS, 8, 4], data: x },
      y: { dtype: 'int64', shape: [STEPS, 8], data: y },
      'dropout/kept': { dtype: 'bool', shape: [STEPS, 8, 6], data: kept },
      learningRate: { dtype: 'float32', shape: [STEPS], data: rates },
      step: { dtype: 'float32', shape: [STEPS], data: Float32Array.of(1, 2, 3, 4, 5) },
    });
    let state = start;
    for (let step = 0; step < STEPS; step += 1) {
      const { outputs } = await single.run({
        ...state,
        x: { dtype: 'float32', shape: [8, 4], data: x.slice(step * 32, step * 32 + 32) },
        y: { dtype: 'int64', shape: [8], data: y.slice(step * 8, step * 8 + 8) },
        'dropout/kept': { dtype: 'bool', shape: [8, 6], data: kept.slice(step * 48, step * 48 + 48) },
        learningRate: scalar(rates[step]),
        step: scalar(step + 1),
      });
      for (const name of ['loss', 'correct', 'active/sparse_activation']) {
        expect(many.outputs[name].data[step]).toBe(first(outputs[name]));
      }
      state = nextState(outputs, slots);
    }
    expect(nextState(many.outputs, slots)).toEqual(state);
    expect(state.parameters.data).not.toEqual(start.parameters.data);
    await Promise.all([single.close(), loop.close()]);
  });
});
