import { describe, expect, it } from 'vitest';
import { runOnCpu } from '../../test/run-on-cpu.js';
import { buildModel, input } from '../builder/index.js';
import { tensorOf } from '../model/initializer.js';
import type { Model } from '../model/model.js';
import { random } from '../random/random.js';
import { sizeOf, type Tensor, tensor } from '../tensor/index.js';
import {
  activation,
  averagePool2d,
  conv2d,
  dense,
  flatten,
  globalAveragePool2d,
  maxPool2d,
  reshape,
  sequential,
  sparseActivation,
} from './index.js';

const digits = sequential([
  dense(128, { activation: 'relu' }),
  sparseActivation({ threshold: 0.2 }),
  dense(10, { activation: 'softmax' }),
]);

function noise(shape: readonly number[], seed = 1): Tensor<'float32'> {
  const { uniform } = random(seed);
  return tensor(
    'float32',
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => 2 * uniform() - 1),
  );
}

function weightsOf(model: Model): Record<string, Float32Array> {
  return Object.fromEntries(model.graph.initializers.map((one) => [one.name, tensorOf(one).data as Float32Array]));
}

describe('the seed model', () => {
  const model = digits.toModel({ inputShape: [784], seed: 7 });

  it('is six nodes with readable names', () => {
    expect(model.graph.nodes.map(({ opType, outputs }) => `${opType} ${outputs}`)).toEqual([
      'Gemm gemm',
      'Relu dense',
      'Greater fires',
      'Where sparse_activation',
      'Gemm gemm_2',
      'Softmax output',
    ]);
    expect(model.graph.initializers.map(({ name, shape }) => `${name} [${shape}]`)).toEqual([
      'dense/kernel [784,128]',
      'dense/bias [128]',
      'sparse_activation/theta []',
      'constant []',
      'dense_2/kernel [128,10]',
      'dense_2/bias [10]',
    ]);
    expect(model.graph.outputs[0].type).toMatchObject({ shape: ['batch', 10] });
  });

  it('computes what its layers say', async () => {
    const x = noise([3, 784]);
    const { output } = await runOnCpu(model, { input: x });
    const expected = byHand(x, weightsOf(model));
    expect(output.shape).toEqual([3, 10]);
    expectClose(output, { data: expected });
  });

  it('begins with Glorot weights that the seed alone decides', () => {
    const kernelOf = (seed: number) => weightsOf(digits.toModel({ inputShape: [784], seed }))['dense/kernel'];
    const kernel = weightsOf(model)['dense/kernel'];
    expect(kernelOf(7).join()).toBe(kernel.join());
    expect(kernelOf(8).join()).not.toBe(kernel.join());
    const limit = Math.sqrt(6 / (784 + 128));
    const largest = kernel.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    expect(largest).toBeLessThanOrEqual(limit);
    expect(largest).toBeGreaterThan(0.999 * limit);
    // The variance of a uniform distribution over ±limit is limit² / 3.
    const variance = kernel.reduce((sum, weight) => sum + weight * weight, 0) / kernel.length;
    expect(variance / (limit ** 2 / 3)).toBeCloseTo(1, 1);
  });
});

function expectClose(actual: Pick<Tensor, 'data'>, expected: { readonly data: ArrayLike<unknown> }): void {
  for (const [index, value] of Array.from(expected.data).entries())
    expect(actual.data[index]).toBeCloseTo(Number(value), 5);
}

/** The model's formula in doubles. */
function byHand(x: Tensor<'float32'>, weights: Record<string, Float32Array>): number[] {
  const [batch] = x.shape;
  return Array.from({ length: batch }, (_, row) => {
    const pixels = Array.from(x.data.subarray(row * 784, (row + 1) * 784));
    const hidden = affine(pixels, weights['dense/kernel'], weights['dense/bias']).map((v) => (v > 0.2 ? v : 0));
    const exps = affine(hidden, weights['dense_2/kernel'], weights['dense_2/bias']).map(Math.exp);
    const total = exps.reduce((sum, value) => sum + value, 0);
    return exps.map((value) => value / total);
  }).flat();
}

function affine(x: readonly number[], kernel: Float32Array, bias: Float32Array): number[] {
  return Array.from(bias, (offset, unit) =>
    x.reduce((sum, value, feature) => sum + value * kernel[feature * bias.length + unit], offset),
  );
}

describe('parameters', () => {
  it('are listed for a trainer', () => {
    const { parameters } = sequential([
      dense(4),
      sparseActivation({ threshold: [0.1, 0.2, 0.3, 0.4], theta: 'trainable' }),
    ]).build({
      inputShape: [3],
    });
    expect(parameters.map(({ name, shape, trainable }) => ({ name, shape, trainable }))).toEqual([
      { name: 'dense/kernel', shape: [3, 4], trainable: true },
      { name: 'dense/bias', shape: [4], trainable: true },
      { name: 'sparse_activation/theta', shape: [4], trainable: true },
    ]);
  });

  it('one θ may begin one for each channel, of a vector or an image', () => {
    const gate = () => sparseActivation({ threshold: 0.1, theta: 'trainable', per: 'channel', axis: 1 });
    const { parameters } = sequential([gate(), flatten(), gate()]).build({ inputShape: [2, 3, 3] });
    expect(parameters.map(({ name, shape }) => [name, shape])).toEqual([
      ['sparse_activation/theta', [2]],
      ['sparse_activation_2/theta', [18]],
    ]);
    expect(parameters[0].initial(0).data).toEqual(Float32Array.of(0.1, 0.1));
  });

  it('may be graph inputs: the same network, its weights fed', async () => {
    const network = digits.build({ inputShape: [784] });
    const x = input('input', 'float32', ['batch', 784]);
    const fed = network.parameters.map(({ name, shape }) => [name, input(name, 'float32', shape)] as const);
    const { output, layers } = network.forward<'float32'>(x, Object.fromEntries(fed));
    const model = buildModel({
      inputs: [x, ...fed.map(([, value]) => value)],
      outputs: { output, hidden: layers.sparse_activation },
    });
    const feeds = Object.fromEntries(network.parameters.map((one) => [one.name, one.initial(7)]));
    const data = noise([2, 784]);
    const trained = await runOnCpu(model, { input: data, ...feeds });
    const fixed = await runOnCpu(digits.toModel({ inputShape: [784], seed: 7, layerOutputs: ['sparse_activation'] }), {
      input: data,
    });
    // ONNX Runtime packs constant weights for another order of summation.
    expectClose(trained.output, fixed.output);
    expectClose(trained.hidden, fixed.sparse_activation);
  });

  it('θ may be an input that is turned without exporting again', async () => {
    const model = sequential([sparseActivation({ threshold: 0, theta: 'input' })]).toModel({ inputShape: [3] });
    const x: Tensor = tensor('float32', [1, 3], Float32Array.of(0.1, 0.2, 0.3));
    for (const [theta, expected] of [
      [0.15, [0, 0.2, 0.3]],
      [0.25, [0, 0, 0.3]],
    ] as const) {
      const { output } = await runOnCpu(model, {
        input: x,
        'sparse_activation/theta': tensor('float32', [], Float32Array.of(theta)),
      });
      expect(output.data).toEqual(Float32Array.from(expected));
    }
  });

  it('weights replace the initial ones', () => {
    const weights = {
      'dense/kernel': tensor('float32', [2, 1], Float32Array.of(1, 2)),
      'dense/bias': tensor('float32', [1], Float32Array.of(3)),
    };
    const model = sequential([dense(1)]).toModel({ inputShape: [2], weights });
    expect(weightsOf(model)).toEqual({ 'dense/kernel': Float32Array.of(1, 2), 'dense/bias': Float32Array.of(3) });
  });
});

describe('layers', () => {
  it('dense takes more than one leading axis', async () => {
    const model = sequential([dense(2, { activation: 'tanh' })]).toModel({ inputShape: [4, 3] });
    expect(model.graph.nodes.map(({ opType }) => opType)).toEqual(['MatMul', 'Add', 'Tanh']);
    const { output } = await runOnCpu(model, { input: noise([5, 4, 3]) });
    expect(output.shape).toEqual([5, 4, 2]);
  });

  it('flatten and activation', () => {
    const model = sequential([flatten(), dense(2, { useBias: false }), activation('logSoftmax')]).toModel({
      inputShape: [4, 3],
    });
    expect(model.graph.nodes.map(({ opType }) => opType)).toEqual(['Flatten', 'MatMul', 'LogSoftmax']);
  });

  it('convolution and pooling, padded to the same extents or not', async () => {
    const model = sequential([
      reshape([2, 4, 6]),
      conv2d(4, [3, 2], { padding: 'same', groups: 2, activation: 'relu' }),
      maxPool2d(2),
      conv2d(3, 2, { dilations: [1, 2], useBias: false }),
      averagePool2d(1),
      globalAveragePool2d(),
    ]).toModel({ inputShape: [48] });
    const shapes = model.graph.valueInfo.map(({ name, type }) => [name, type.kind === 'tensor' ? type.shape : null]);
    expect(Object.fromEntries(shapes)).toMatchObject({
      conv2d: ['batch', 4, 4, 6],
      max_pool2d: ['batch', 4, 2, 3],
      conv2d_2: ['batch', 3, 1, 1],
    });
    const { output } = await runOnCpu(model, { input: noise([5, 48]) });
    expect(output.shape).toEqual([5, 3]);
  });

  it('a convolution begins with weights scaled by what its windows see', () => {
    const kernel = weightsOf(sequential([conv2d(16, 3)]).toModel({ inputShape: [4, 8, 8] }))['conv2d/kernel'];
    const limit = Math.sqrt(6 / (4 * 9 + 16 * 9));
    const largest = kernel.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    expect(largest).toBeLessThanOrEqual(limit);
    expect(largest).toBeGreaterThan(0.98 * limit);
  });

  it.each<[string, () => unknown, string]>([
    [
      'a convolution of a vector',
      () => sequential([conv2d(1, 3)]).build({ inputShape: [9] }),
      "layer 'conv2d': a convolution needs a fixed number of channels",
    ],
    ['no layers', () => sequential([]).build({ inputShape: [1] }), 'without layers'],
    [
      'dense of no vector',
      () => sequential([dense(1)]).build({ inputShape: [] }),
      "layer 'dense': a dense layer needs a fixed number of features",
    ],
    ['dense of no units', () => dense(0), 'a dense layer of 0 units'],
    [
      'two layers of a name',
      () => sequential([dense(1, { name: 'a' }), dense(1, { name: 'a' })]).build({ inputShape: [1] }),
      "two layers are named 'a'",
    ],
    [
      'a weight left out',
      () => sequential([dense(1)]).toModel({ inputShape: [2], weights: {} }),
      "the weights lack 'dense/kernel' [2,1]",
    ],
    [
      'thresholds that do not fit',
      () => sequential([dense(3), sparseActivation({ threshold: [1, 2] })]).build({ inputShape: [2] }),
      "layer 'sparse_activation': 2 thresholds for the 3 channels",
    ],
    [
      'an inexact lowering',
      () => sequential([sparseActivation({ threshold: -1, lowering: 'thresholdedRelu' })]).toModel({ inputShape: [2] }),
      'would not be the same function',
    ],
  ])('%s', (_, action, message) => expect(action).toThrow(message));
});
