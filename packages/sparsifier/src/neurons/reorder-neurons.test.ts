import {
  buildModel,
  constant,
  encodeModel,
  input,
  type Model,
  op,
  random,
  thresholdActivation,
  type Value,
} from '@rheobase/exporter';
import { sizeOf, type Tensor } from '@rheobase/exporter/tensor';
import { nodeBackend } from '@rheobase/runtime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { calibrate, samplesFrom } from '../calibration/index.js';
import { byFiringRate, livingNeurons, reorderNeurons } from './index.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
afterAll(() => backend.close());

const draw = random(5, 'reorder test');
function uniform(shape: readonly number[]): Tensor<'float32'> {
  return { dtype: 'float32', shape, data: Float32Array.from({ length: sizeOf(shape) }, () => draw.uniform() * 2 - 1) };
}

const WIDTH = 24;
const x = uniform([40, 6]);
const source = input('x', 'float32', ['batch', 6]);
const thetas = Array.from({ length: WIDTH }, (_, channel) => (channel % 4 === 0 ? 100 : 0.1 * channel));
const weights = (rows: number, columns: number) => constant(uniform([rows, columns]));

const BODIES: Readonly<Record<string, () => Value<'float32'>>> = {
  'a threshold per channel, MatMul and bias': () => {
    const hidden = op.add(op.matMul(source, weights(6, WIDTH)), constant(uniform([WIDTH])));
    return op.matMul(thresholdActivation(hidden, { threshold: thetas }).named('hidden'), weights(WIDTH, 3));
  },
  'Gemm of either storage': () => {
    const hidden = op.gemm(source, weights(WIDTH, 6), constant(uniform([WIDTH])), { transB: true });
    const fires = thresholdActivation(op.relu(hidden), { threshold: thetas }).named('hidden');
    return op.gemm(fires, weights(3, WIDTH), constant(uniform([3])), { transB: true });
  },
  'a gated unit': () => {
    const gate = thresholdActivation(op.matMul(source, weights(6, WIDTH)), { threshold: thetas }).named('hidden');
    return op.matMul(op.mul(gate, op.matMul(source, weights(6, WIDTH))), weights(WIDTH, 3));
  },
};

describe.each(Object.entries(BODIES))('%s', (_, body) => {
  it('computes the same with neurons in another order, and without the dead ones', async () => {
    const model = buildModel({ inputs: [source], outputs: { y: body() } });
    const samples = samplesFrom({ x });
    const { statistics } = await calibrate(model, { backend, samples, values: ['hidden'] });
    const own = statistics.get('hidden');
    if (own === undefined) throw new Error('nothing was watched');
    const expected = await outputOf(model);
    const smaller = byFiringRate(own, livingNeurons(own));
    expect(smaller.order.length).toBeLessThanOrEqual(WIDTH * 0.75);
    for (const order of [byFiringRate(own), smaller]) {
      const actual = await outputOf(reorderNeurons(model, 'hidden', order));
      for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, 4);
    }
    expect(encodeModel(reorderNeurons(model, 'hidden', smaller)).length).toBeLessThan(encodeModel(model).length);
  });
});

it.each([
  ['an output', () => op.relu(op.matMul(source, weights(6, WIDTH))).named('hidden'), 'an output of the model'],
  [
    'a function of all neurons',
    () => op.softmax(op.relu(op.matMul(source, weights(6, WIDTH))).named('hidden')),
    'Softmax',
  ],
])('refuses %s', (_, body, message) => {
  const model = buildModel({ inputs: [source], outputs: { hidden: body() } });
  const value = message === 'Softmax' ? (model.graph.nodes.at(-1)?.inputs[0] ?? '') : 'hidden';
  expect(() => reorderNeurons(model, value, { neurons: WIDTH, order: Uint32Array.of(0) })).toThrow(message);
});

async function outputOf(model: Model): Promise<Float32Array> {
  const session = await backend.open({ bytes: encodeModel(model) });
  const { outputs } = await session.run({ x });
  await session.close();
  return outputs.y?.data as Float32Array;
}
