import { buildModel, constant, encodeModel, input, op, random } from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import { nodeBackend } from '@rheobase/runtime-node';
import { afterAll, expect, it } from 'vitest';
import { type MatMulLowering, sparseMatMul } from './sparse-mat-mul.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
afterAll(() => backend.close());

const draw = random(8, 'sparse matMul');
const [INNER, OUTER] = [20, 6];
const weight: Tensor<'float32'> = {
  dtype: 'float32',
  shape: [INNER, OUTER],
  data: Float32Array.from({ length: INNER * OUTER }, () => draw.uniform() - 0.5),
};

it.each<MatMulLowering>([
  { kind: 'gather' },
  { kind: 'topk', k: 8 },
  { kind: 'adaptive' },
  { kind: 'adaptive', crossover: 12 },
])('%j is the product, whatever fires', async (lowering) => {
  for (const rows of [1, 3]) {
    const x = input('x', 'float32', [rows, INNER]);
    const w = constant(weight);
    const outputs = { dense: op.matMul(x, w), sparse: sparseMatMul(x, w, { lowering }) };
    const session = await backend.open({ bytes: encodeModel(buildModel({ inputs: [x], outputs })) });
    for (const density of [0, 0.2, 0.5, 1]) {
      const data = Float32Array.from({ length: rows * INNER }, () =>
        draw.uniform() < density ? 0.1 + draw.uniform() : 0,
      );
      const { outputs: given } = await session.run({ x: { dtype: 'float32', shape: [rows, INNER], data } });
      const [dense, sparse] = [given.dense?.data as Float32Array, given.sparse?.data as Float32Array];
      for (const [index, value] of dense.entries()) expect(sparse[index]).toBeCloseTo(value, 5);
    }
    await session.close();
  }
});

it('refuses what cannot be', () => {
  const x = input('x', 'float32', [1, INNER]);
  expect(() => sparseMatMul(x, constant(weight), { lowering: { kind: 'topk', k: 21 } })).toThrow('k is 21');
  expect(() => sparseMatMul(x, input('w', 'float32', null))).toThrow('a matrix of known height');
});
