import { checkModel, encodeModel, type Model, modelInfo } from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import { nodeBackend } from '@rheobase/runtime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { asFloats } from './calibration/index.js';
import { FOREIGN_MODELS, type ForeignModel, foreignSamples } from './fixtures/foreign-models.js';
import { type ProductLowering, samplesFrom, sparsify } from './index.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
afterAll(() => backend.close());

const COUNT = 64;

async function sparse(foreign: ForeignModel, x: Tensor, lowering: ProductLowering, gate: 'value' | 'input') {
  const goal = { kind: 'sparsity', target: 0.8 } as const;
  const samples = samplesFrom({ x });
  return sparsify(foreign.model, { backend, samples, goal, gate, lowering, evaluationSamples: 16 });
}

describe.each(FOREIGN_MODELS.map((foreign) => [foreign.name, foreign] as const))('%s', (_, foreign) => {
  const x = foreignSamples(foreign, COUNT);

  it.each(['value', 'input'] as const)('gets thresholds, gate %s, and computes the same sparsely', async (gate) => {
    const { model, report } = await sparse(foreign, x, { kind: 'adaptive' }, gate);
    expect(checkModel(model).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(interfaceOf(model)).toEqual(interfaceOf(foreign.model));
    expect(report.layers.length).toBeGreaterThan(0);
    expect(report.layers.some(({ theta }) => theta !== null)).toBe(true);
    expect(report.layers.some(({ lowering }) => lowering === 'adaptive')).toBe(true);
    expect(report.sparsity).toBeGreaterThan(0.7);
    expect(report.sparsity).toBeLessThan(0.9);
    const dense = await sparse(foreign, x, { kind: 'dense' }, gate);
    const [expected, actual] = [await outputOf(dense.model, x), await outputOf(model, x)];
    for (const [index, value] of expected.entries())
      expect(actual[index]).toBeCloseTo(value, foreign.dtype === 'float16' ? 1 : 4);
  });
});

function interfaceOf(model: Model) {
  const { inputs, outputs } = modelInfo(model);
  return [inputs, outputs];
}

/** All outputs that a batch of the model gives. */
async function outputOf(model: Model, x: Tensor): Promise<Float32Array> {
  const session = await backend.open({ bytes: encodeModel(model) });
  try {
    const [{ shape = null } = {}] = modelInfo(model).inputs;
    const batch = typeof shape?.[0] === 'number' ? shape[0] : 1;
    const { outputs } = await session.run(await samplesFrom({ x }).feeds(0, batch));
    const { y = Object.values(outputs)[0] } = outputs;
    return y === undefined ? new Float32Array() : asFloats('y', y);
  } finally {
    await session.close();
  }
}
