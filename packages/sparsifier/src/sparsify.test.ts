import { buildModel, constant, encodeModel, input, type Model, op, random } from '@rheobase/exporter';
import { sizeOf, type Tensor } from '@rheobase/exporter/tensor';
import { nodeBackend } from '@rheobase/runtime-node';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type CostModel,
  calibrate,
  executeSparsely,
  isApproximate,
  LOWERING_KINDS,
  samplesFrom,
  sparsify,
  type WantedLowering,
} from './index.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
afterAll(() => backend.close());

const draw = random(3, 'sparsify test');
function normal(shape: readonly number[], scale: number): Tensor<'float32'> {
  const uniforms = () => Array.from({ length: 4 }, () => draw.uniform() - 0.5).reduce((sum, value) => sum + value, 0);
  return { dtype: 'float32', shape, data: Float32Array.from({ length: sizeOf(shape) }, () => uniforms() * scale) };
}

/** 8 → 64 → 64 → 4, random weights. */
const model: Model = (() => {
  const x = input('x', 'float32', ['batch', 8]);
  const first = op.relu(op.gemm(x, constant(normal([8, 64], 1)), constant(normal([64], 0.1)))).named('first');
  const second = op.relu(op.gemm(first, constant(normal([64, 64], 0.3)), constant(normal([64], 0.1)))).named('second');
  return buildModel({ inputs: [x], outputs: { y: op.softmax(op.matMul(second, constant(normal([64, 4], 0.5)))) } });
})();
const x = normal([300, 8], 1);
const samples = samplesFrom({ x });

/** What the model itself answers: with it accuracy begins at 1. */
const labels = (async () => {
  const y = await outputOf(model);
  return Array.from({ length: 300 }, (_, sample) => {
    const row = Array.from(y.subarray(sample * 4, sample * 4 + 4));
    return row.indexOf(Math.max(...row));
  });
})();

async function outputOf(of: Model, on = samples): Promise<Float32Array> {
  const session = await backend.open({ bytes: encodeModel(of) });
  const { outputs } = await session.run(await on.feeds(0, on.count));
  await session.close();
  return outputs.y?.data as Float32Array;
}

/** A machine on which every silent neuron is worth its weights. */
const cheapSparse: CostModel = {
  backend: 'node/cpu',
  threads: 1,
  dense: { baseMs: 1, msPerByte: 1 },
  sparse: { baseMs: 0, msPerByte: 1, msPerNeuron: 0 },
};

describe('sparsify', () => {
  it('reaches a target sparsity and reports what is there', async () => {
    const goal = { kind: 'sparsity', target: 0.85 } as const;
    const { report, sweep, products } = await sparsify(model, {
      backend,
      samples,
      goal,
      labels: await labels,
      costModel: cheapSparse,
      measure: false,
    });
    expect(report.schema).toBe('rheobase/sparsify@1');
    // The second layer sees what the first one's threshold leaves, so that its share moves a little.
    expect(Math.abs(report.sparsity - 0.85)).toBeLessThan(0.05);
    expect(report.layers.map(({ node, lowering }) => [node, lowering])).toEqual([
      ['first', 'gather'],
      ['second', 'gather'],
    ]);
    for (const { outputError } of report.layers) expect(outputError).toBeGreaterThan(0);
    expect(report.accuracy?.before).toBe(1);
    expect(report.accuracy?.after).toBeLessThan(1);
    expect(sweep.map(({ sparsity }) => sparsity)).toEqual(sweep.map(({ sparsity }) => sparsity).toSorted());
    expect(products.map(({ product }) => product.inner)).toEqual([64, 64]);
  });

  it('keeps an accuracy budget, and goes as far as it allows', async () => {
    const shared = { backend, samples, labels: await labels, lowering: { kind: 'gather' } as const };
    const strict = await sparsify(model, { ...shared, goal: { kind: 'accuracy', maxDrop: 0.02 } });
    const loose = await sparsify(model, { ...shared, goal: { kind: 'accuracy', maxDrop: 0.3 } });
    expect(strict.report.accuracy?.after).toBeGreaterThanOrEqual(0.98);
    expect(loose.report.accuracy?.after).toBeGreaterThanOrEqual(0.7);
    expect(loose.report.sparsity).toBeGreaterThan(strict.report.sparsity);
  });

  it('takes targets by layer, and leaves the others alone', async () => {
    const { report } = await sparsify(model, {
      backend,
      samples,
      goal: { kind: 'layers', targets: { second: 0.9 } },
      lowering: { kind: 'gather' },
    });
    expect(report.layers[0]).toMatchObject({ node: 'first', theta: null, outputError: 0 });
    expect(report.layers[1]?.sparsity).toBeCloseTo(0.9, 1);
    expect(report.accuracy).toBeNull();
  });

  const thresholded = (lowering: WantedLowering) =>
    sparsify(model, {
      ...{ backend, samples, lowering, measure: false },
      goal: { kind: 'sparsity', target: 0.8, allocation: 'uniform' },
      gate: 'magnitude',
    });

  it('computes the same, however it is executed, unless the lowering is called approximate', async () => {
    const dense = await outputOf((await thresholded({ kind: 'dense' })).model);
    for (const kind of LOWERING_KINDS.filter((name) => name !== 'dense' && !isApproximate(name))) {
      const { model: result, report } = await thresholded({ kind });
      const sparse = await outputOf(result);
      const worst = Math.max(...dense.map((value, index) => Math.abs(value - (sparse[index] ?? Number.NaN))));
      expect([kind, worst < 1e-6]).toEqual([kind, true]);
      expect(report.executionError).toBeLessThan(1e-6);
    }
  });

  it.each(['topkApproximate', 'mixtureApproximate'] as const)('tells what %s drops', async (kind) => {
    const limits = kind === 'topkApproximate' ? { k: 4 } : { k: 2, blockSize: 4 };
    const { model: result, report, dense } = await thresholded({ kind, ...limits });
    expect(report.executionError).toBeGreaterThan(0.001);
    const one = samplesFrom({ x: { ...x, shape: [1, 8], data: x.data.subarray(0, 8) } });
    const [exact, dropped] = [await outputOf(dense, one), await outputOf(result, one)];
    expect(dropped).not.toEqual(exact);
    expect(report.products.map(({ parameters }) => parameters)).toEqual([limits, limits]);
  });

  it('measures what it has done, undoes what shows no gain, and says so', async () => {
    const shared = { backend, samples, goal: { kind: 'sparsity', target: 0.8 } } as const;
    const told = await sparsify(model, { ...shared, lowering: { kind: 'gather' } });
    expect(told.report.measured?.ms).toBeGreaterThan(0);
    expect(told.report.sweep.every(({ speed }) => (speed ?? 0) > 0)).toBe(true);
    for (const { operations, weightBytes, active } of told.report.products) {
      expect(operations.sparse).toBeLessThan(operations.dense);
      expect(weightBytes.sparse / weightBytes.dense).toBeCloseTo(active / 64);
    }
    // 64 neurons are far too few to skip any, whatever a cost model believes.
    const auto = await sparsify(model, { ...shared, costModel: cheapSparse });
    expect(auto.report.products.map(({ lowering }) => lowering)).toEqual(['dense', 'dense']);
    expect(auto.report.warnings.join()).toMatch(/(stays|left) dense/);
  });

  it('answers the same by the same seed', async () => {
    const options = {
      backend,
      samples,
      goal: { kind: 'sparsity', target: 0.8 },
      lowering: { kind: 'gather' },
      evaluationSamples: 50,
      seed: 4,
    } as const;
    const untimed = { ...options, measure: false };
    expect((await sparsify(model, untimed)).report).toEqual((await sparsify(model, untimed)).report);
  });

  it('executes sparsely what is silent by itself, and leaves the numbers as they are', async () => {
    const { model: result, products } = await executeSparsely(model, {
      ...{ backend, samples, costModel: cheapSparse, measure: false },
    });
    // Relu leaves about half: that is worth it on a machine where sparsity is free. The input has no zeros.
    expect(products.map(({ product, lowering }) => [product.inner, lowering.kind])).toEqual([
      [64, 'gather'],
      [64, 'gather'],
    ]);
    const [expected, actual] = [await outputOf(model), await outputOf(result)];
    for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, 5);
  });

  it('takes out neurons that never fire, and says how many', async () => {
    const {
      model: result,
      report,
      removedNeurons,
    } = await sparsify(model, {
      backend,
      samples,
      goal: { kind: 'sparsity', target: 0.95, allocation: 'uniform' },
      lowering: { kind: 'dense' },
      removeDead: true,
    });
    expect(removedNeurons).toBeGreaterThan(0);
    expect(removedNeurons).toBe(report.deadNeurons);
    expect(encodeModel(result).length).toBeLessThan(encodeModel(model).length);
  });

  const linear = buildModel(linearParts());
  it.each([
    [
      'a target beyond the width',
      model,
      { goal: { kind: 'sparsity', target: 0.999 } },
      'leaves less than one of 64 neurons',
    ],
    ['a target of everything', model, { goal: { kind: 'sparsity', target: 1 } }, 'a target sparsity of 1'],
    [
      'a budget that no threshold keeps',
      model,
      { goal: { kind: 'error', maxError: 1e-9 } },
      'no threshold keeps the budget',
    ],
    ['an accuracy without labels', model, { goal: { kind: 'accuracy', maxDrop: 0.1 } }, 'needs labels'],
    ['labels of another number', model, { labels: [1, 2] }, '2 labels for 300 samples'],
    [
      'an activation that is not there',
      model,
      { goal: { kind: 'layers', targets: { third: 0.5 } } },
      "no activation 'third'",
    ],
    ['samples of another shape', model, { samples: samplesFrom({ x: normal([4, 9], 1) }) }, 'x'],
    ['a model without activations', linear, {}, 'no activation that can take a threshold'],
  ])('refuses %s', async (_, of, wrong, message) => {
    const options = {
      backend,
      samples,
      goal: { kind: 'sparsity', target: 0.5 },
      lowering: { kind: 'gather' },
      ...wrong,
    };
    await expect(sparsify(of, options as Parameters<typeof sparsify>[1])).rejects.toThrow(message);
  });
});

function linearParts() {
  const inputs = [input('x', 'float32', ['batch', 8])] as const;
  return { inputs, outputs: { y: op.matMul(inputs[0], constant(normal([8, 4], 1))) } };
}

describe('thresholds one by one', () => {
  const shared = { backend, samples, lowering: { kind: 'dense' }, measure: false } as const;

  it('can be one for each channel, all channels equally silent', async () => {
    const goal = { kind: 'layers', targets: { first: 0.8 } } as const;
    const { model: result, report } = await sparsify(model, { ...shared, goal, perChannel: true });
    const [{ theta, sparsity } = { theta: null, sparsity: 0 }] = report.layers;
    expect(theta).toHaveLength(64);
    expect(sparsity).toBeCloseTo(0.8, 1);
    const { statistics } = await calibrate(result, { backend, samples, values: ['first'] });
    for (let channel = 0; channel < 64; channel += 1) {
      expect(statistics.get('first')?.channelZeroShare(channel)).toBeGreaterThan(0.7);
    }
  });

  it('raises a threshold that is there already, and leaves one node', async () => {
    const once = await sparsify(model, { ...shared, goal: { kind: 'sparsity', target: 0.7 } });
    const twice = await sparsify(once.model, { ...shared, goal: { kind: 'sparsity', target: 0.9 } });
    const thresholds = ({ graph }: Model) => graph.nodes.filter(({ opType }) => opType === 'ThresholdedRelu').length;
    expect(thresholds(twice.model)).toBe(thresholds(once.model));
    for (const [index, { theta }] of twice.report.layers.entries()) {
      expect(theta).toBeGreaterThanOrEqual(Number(once.report.layers[index]?.theta));
    }
    const untouched = await sparsify(twice.model, { ...shared, goal: { kind: 'sparsity', target: 0.5 } });
    expect(untouched.report.layers.map(({ theta }) => theta)).toEqual(twice.report.layers.map(({ theta }) => theta));
  });
});
