import {
  buildModel,
  constant,
  dense,
  encodeModel,
  input,
  op,
  random,
  sequential,
  type Tensor,
} from '@rheobase/exporter';
import { nodeBackend } from '@rheobase/runtime-node';
import { describe, expect, it } from 'vitest';
import { tensorDataset } from '../data/index.js';
import { fit } from '../fit/index.js';
import { sparseCategoricalCrossentropy } from '../losses/index.js';
import { adam } from '../optimizers/index.js';
import { distilled } from './distillation.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
const { uniform } = random(2);
const floats = (...shape: number[]): Tensor<'float32'> => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from({ length: shape.reduce((product, extent) => product * extent, 1) }, () => uniform() * 2 - 1),
});

const weights = floats(4, 3);
/** A linear teacher of three classes, written for a batch of 1 and an input of 2 × 2. */
const teacher = (() => {
  const image = input('image', 'float32', [1, 2, 2]);
  return buildModel({
    inputs: [image],
    outputs: { y: op.softmax(op.matMul(op.reshape(image, [1, 4]), constant(weights))) },
  });
})();

const softmax = (row: readonly number[], t: number) => {
  const exps = row.map((value) => Math.exp(value / t));
  const sum = exps.reduce((total, value) => total + value, 0);
  return exps.map((value) => value / sum);
};

describe('distilled', () => {
  it('is α·hard + (1 − α)·T²·KL, by hand', async () => {
    const x = floats(5, 4);
    const student = floats(5, 3);
    const [xs, zs] = [input('x', 'float32', ['batch', 4]), input('z', 'float32', ['batch', 3])];
    const loss = distilled(constant(7), zs, xs, { teacher, temperature: 3, alpha: 0.25 });
    const session = await backend.open({ bytes: encodeModel(buildModel({ inputs: [xs, zs], outputs: { loss } })) });
    const { outputs } = await session.run({ x, z: student });
    await session.close();
    let divergence = 0;
    for (let row = 0; row < 5; row += 1) {
      const logits = [0, 1, 2].map((unit) =>
        [0, 1, 2, 3].reduce((sum, at) => sum + x.data[row * 4 + at] * weights.data[at * 3 + unit], 0),
      );
      const [p, q] = [softmax(logits, 3), softmax([...student.data.subarray(row * 3, row * 3 + 3)], 3)];
      divergence += p.reduce((sum, value, unit) => sum + value * Math.log(value / q[unit]), 0);
    }
    expect(outputs.loss.data[0]).toBeCloseTo(0.25 * 7 + 0.75 * 9 * (divergence / 5), 5);
  });

  it('makes a student agree with its teacher where the targets say nothing', async () => {
    const x = floats(300, 4);
    const y: Tensor = { dtype: 'int64', shape: [300], data: new BigInt64Array(300) };
    const model = sequential([dense(3, { activation: 'softmax' })]);
    const result = await fit(model, tensorDataset(x, y), {
      ...{ backend, loss: sparseCategoricalCrossentropy(), optimizer: adam(), learningRate: 0.03, epochs: 30 },
      distillation: { teacher, alpha: 0, temperature: 2 },
      session: { threads: 1 },
    });
    const kernel = result.parameters['dense/kernel'].data;
    // Logits are equal up to a constant for each example: differences of columns are equal.
    for (let at = 0; at < 4; at += 1) {
      const difference = (from: Float32Array, unit: number) => from[at * 3 + unit] - from[at * 3];
      for (const unit of [1, 2]) expect(difference(kernel, unit)).toBeCloseTo(difference(weights.data, unit), 1);
    }
  }, 60_000);

  it.each<[string, object, RegExp]>([
    ['a temperature of 0', { temperature: 0 }, /a temperature of 0; choose one above 0/],
    ['an alpha above 1', { alpha: 2 }, /an alpha of 2; choose one from 0 to 1/],
  ])('refuses %s', (_name, options, message) => {
    const x = input('x', 'float32', ['batch', 4]);
    expect(() => distilled(constant(0), input('z', 'float32', ['batch', 3]), x, { teacher, ...options })).toThrow(
      message,
    );
  });

  it('refuses a teacher of other classes or another input', () => {
    const z = (classes: number) => input('z', 'float32', ['batch', classes]);
    const x = (size: number) => input('x', 'float32', ['batch', size]);
    expect(() => distilled(constant(0), z(2), x(4), { teacher })).toThrow(/^teacher: gives 3 classes, the student 2$/);
    expect(() => distilled(constant(0), z(3), x(5), { teacher })).toThrow(
      /^teacher: takes \[2,2\], the data are \[5\]$/,
    );
  });
});
