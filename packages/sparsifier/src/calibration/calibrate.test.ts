import { buildModel, constant, input, op } from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import { nodeBackend } from '@rheobase/runtime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { calibrate } from './calibrate.js';
import { calibrationFromTensors, calibrationToTensors } from './calibration-tensors.js';
import { drawNumbers, pickSamples, samplesFrom } from './samples.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
afterAll(() => backend.close());

const model = (() => {
  const x = input('x', 'float32', ['batch', 3]);
  const weight: Tensor<'float32'> = { dtype: 'float32', shape: [3, 2], data: Float32Array.of(1, -1, 1, -1, 1, -1) };
  const hidden = op.relu(op.matMul(x, constant(weight))).named('hidden');
  return buildModel({ inputs: [x], outputs: { y: op.mul(hidden, 2) } });
})();

const data = (count: number): Record<string, Tensor> => ({
  x: { dtype: 'float32', shape: [count, 3], data: Float32Array.from({ length: count * 3 }, (_, index) => index % 7) },
});

describe('calibrate', () => {
  it('counts every sample once, whatever the batch', async () => {
    const samples = samplesFrom(data(10));
    const whole = await calibrate(model, { backend, samples, values: ['hidden'], batch: 10 });
    const parts = await calibrate(model, { backend, samples, values: ['hidden'], batch: 3 });
    expect(parts).toEqual(whole);
    expect(whole.statistics.get('hidden')?.count).toBe(20);
    expect(whole.statistics.get('hidden')?.zeroShare).toBe(0.5);
  });

  it('goes on where it was stopped, also from tensors', async () => {
    const samples = samplesFrom(data(10));
    const options = { backend, samples, values: ['hidden'], batch: 3 };
    const whole = await calibrate(model, options);
    const controller = new AbortController();
    const stopped = await calibrate(model, {
      ...options,
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done >= 3) controller.abort();
      },
    });
    expect(stopped.done).toBeLessThan(10);
    const resume = calibrationFromTensors(calibrationToTensors(stopped));
    expect(await calibrate(model, { ...options, resume })).toEqual(whole);
  });

  it.each([
    ['a value that is not there', { values: ['nothing'] }, "no value 'nothing'"],
    ['no samples', { samples: { count: 0, feeds: () => ({}) } }, 'no samples'],
    [
      'samples of another shape',
      { samples: samplesFrom({ x: { dtype: 'float32', shape: [2, 4], data: new Float32Array(8) } as Tensor }) },
      'x',
    ],
  ])('refuses %s', async (_, wrong, message) => {
    const options = { backend, samples: samplesFrom(data(4)), values: ['hidden'], ...wrong };
    await expect(calibrate(model, options)).rejects.toThrow(message);
  });
});

describe('samples', () => {
  it('drawn by a seed are some of them, each once', async () => {
    const samples = samplesFrom({
      n: { dtype: 'float32', shape: [20], data: Float32Array.from({ length: 20 }, (_, i) => i) } as Tensor,
    });
    let state = 1;
    const drawn = pickSamples(
      samples,
      drawNumbers(20, 5, () => {
        state = (state * 16807) % 2147483647;
        return state / 2147483647;
      }),
    );
    const { n } = await drawn.feeds(0, 5);
    const numbers = Array.from(n?.data as Float32Array);
    expect(new Set(numbers).size).toBe(5);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  it('must be equally many', () => {
    const zeros = (count: number): Tensor => ({ dtype: 'float32', shape: [count], data: new Float32Array(count) });
    expect(() => samplesFrom({ a: zeros(2), b: zeros(3) })).toThrow("input 'b': 3 samples, where 'a' has 2");
  });
});
