import { buildModel, constant, input, op } from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import { nodeBackend } from '@rheobase/runtime-node';
import { describe, expect, it } from 'vitest';
import { sourceOfModel } from './model-source.js';

const weight: Tensor<'float32'> = {
  dtype: 'float32',
  shape: [64, 64],
  data: Float32Array.from({ length: 4096 }, (_, index) => index % 5),
};
const model = (() => {
  const x = input('x', 'float32', [1, 64]);
  return buildModel({
    inputs: [x],
    outputs: { y: op.reshape(op.matMul(x, constant(weight)), [8n, 8n]) },
  });
})();

describe('a model as a source', () => {
  it('hands over large weights as they lie, and keeps small constants inside', () => {
    const source = sourceOfModel(model);
    if (!('bytes' in source)) throw new Error('not by bytes');
    expect(source.externalData?.map(({ bytes }) => bytes.buffer)).toEqual([weight.data.buffer]);
    expect(source.bytes.length).toBeLessThan(1024);
  });

  it.each(['node/cpu', 'node/wasm'])('runs as the model does: %s', async (id) => {
    const backend = nodeBackend(id, { isolation: 'none' });
    const session = await backend.open(sourceOfModel(model));
    const x: Tensor<'float32'> = { dtype: 'float32', shape: [1, 64], data: new Float32Array(64).fill(1) };
    const { y } = (await session.run({ x })).outputs;
    expect(y?.shape).toEqual([8, 8]);
    const sums = Array.from({ length: 64 }, (_, column) =>
      weight.data.filter((_value, index) => index % 64 === column).reduce((sum, value) => sum + value, 0),
    );
    expect(Array.from(y?.data as Float32Array)).toEqual(sums);
    await session.close();
    await backend.close();
  });
});
