import { describe, expect, it } from 'vitest';
import { bits, runOnCpu } from '../../test/run-on-cpu.js';
import { buildModel, constant, input, type Value } from '../builder/index.js';
import type { Model } from '../model/model.js';
import * as op from '../op/index.js';
import { type Tensor, tensor } from '../tensor/index.js';
import type { NamedActivation } from './activations.js';
import { thresholdActivation } from './threshold-activation.js';
import type { Comparison, ThresholdOptions } from './threshold-options.js';
import { thresholdReference } from './threshold-reference.js';

const DENORMAL = 2 ** -149;
const LARGE = 3.4028234663852886e38;
const above = (value: number) => neighbour(value, 1);
const below = (value: number) => neighbour(value, -1);

/** The float32 next to a non-zero one, away from zero or towards it. */
function neighbour(value: number, step: number): number {
  const number = Float32Array.of(value);
  new Uint32Array(number.buffer)[0] += step;
  return number[0];
}

const THETA = Math.fround(0.2);
const SPECIAL = [
  ...[Number.NaN, Infinity, -Infinity, 0, -0, DENORMAL, -DENORMAL, LARGE, -LARGE, 1, -1],
  ...[THETA, above(THETA), below(THETA), -THETA, above(-THETA), below(-THETA)],
];
const xs: Tensor<'float32'> = tensor('float32', [SPECIAL.length, 1], Float32Array.from(SPECIAL));
const x = input('x', 'float32', ['n', 1]);

const THRESHOLDS = [0, -0, 0.2, -0.2, Infinity, -Infinity, Number.NaN, DENORMAL, LARGE];
const COMPARISONS: readonly Comparison[] = ['greater', 'greaterOrEqual', 'magnitude'];
const EXACT: readonly NamedActivation[] = ['identity', 'relu', 'leakyRelu', { type: 'leakyRelu', alpha: -0.5 }];

const combinations = COMPARISONS.flatMap((comparison) =>
  EXACT.map((activation) => ({ comparison, activation, label: `${comparison} ${JSON.stringify(activation)}` })),
);

describe('the where lowering is the definition, bit for bit, on special values', () => {
  it.each(combinations)('$label: a fixed θ', async ({ comparison, activation }) => {
    const outputs = THRESHOLDS.map((threshold) => thresholdActivation(x, { threshold, activation, comparison }));
    const model = buildModel({ inputs: [x], outputs: Object.fromEntries(outputs.map((y, index) => [`y${index}`, y])) });
    const results = await runOnCpu(model, { x: xs });
    for (const [index, threshold] of THRESHOLDS.entries()) {
      const expected = thresholdReference(xs, { threshold, activation, comparison });
      expect(bits(results[`y${index}`]), `θ = ${threshold}`).toEqual(bits(expected));
    }
  });

  it.each(combinations)('$label: θ as a graph input', async ({ comparison, activation }) => {
    const theta = input('theta', 'float32', []);
    const model = buildModel({
      inputs: [x, theta],
      outputs: { y: thresholdActivation(x, { threshold: theta, activation, comparison }) },
    });
    for (const threshold of THRESHOLDS) {
      const { y } = await runOnCpu(model, { x: xs, theta: tensor('float32', [], Float32Array.of(threshold)) });
      const expected = thresholdReference(xs, { threshold, activation, comparison });
      expect(bits(y), `θ = ${threshold}`).toEqual(bits(expected));
    }
  });

  it.each(combinations)('$label: one θ per channel, on any axis', async ({ comparison, activation }) => {
    const rows = Array.from(
      { length: 2 * THRESHOLDS.length * SPECIAL.length },
      (_, index) => SPECIAL[index % SPECIAL.length],
    );
    const shape = [2, THRESHOLDS.length, SPECIAL.length];
    const cube: Tensor<'float32'> = tensor('float32', shape, Float32Array.from(rows));
    const v = input('v', 'float32', ['a', THRESHOLDS.length, SPECIAL.length]);
    const theta = input('theta', 'float32', [THRESHOLDS.length]);
    const common = { activation, comparison };
    const model = buildModel({
      inputs: [v, theta],
      outputs: {
        positive: thresholdActivation(v, { ...common, threshold: THRESHOLDS, axis: 1 }),
        negative: thresholdActivation(v, { ...common, threshold: Float32Array.from(THRESHOLDS), axis: -2 }),
        graph: thresholdActivation(v, { ...common, threshold: theta, axis: 1 }),
      },
    });
    const feeds = { v: cube, theta: tensor('float32', [THRESHOLDS.length], Float32Array.from(THRESHOLDS)) };
    const results = await runOnCpu(model, feeds);
    const expected = bits(thresholdReference(cube, { ...common, threshold: THRESHOLDS, axis: 1 }));
    for (const name of ['positive', 'negative', 'graph']) expect(bits(results[name]), name).toEqual(expected);
  });

  it('a silent neuron is +0 where f is not finite there', async () => {
    const f = (v: Value) => op.log(v);
    const y = thresholdActivation(x, { threshold: 0.5, activation: f as never });
    const { y: result } = await runOnCpu(buildModel({ inputs: [x], outputs: { y } }), { x: xs });
    const silent = SPECIAL.flatMap((value, index) => (value > 0.5 ? [] : [bits(result)[index]]));
    expect(new Set(silent)).toEqual(new Set(['00000000']));
  });

  it('elu, within the rounding of exp', async () => {
    const options = { threshold: -5, activation: { type: 'elu', alpha: 0.5 } } as const;
    const { y } = await runOnCpu(buildModel({ inputs: [x], outputs: { y: thresholdActivation(x, options) } }), {
      x: xs,
    });
    const expected = thresholdReference(xs, options).data;
    for (const [index, value] of expected.entries()) expect(y.data[index]).toBeCloseTo(value, 6);
  });

  it('in float64, with θ unrounded', async () => {
    const wide = input('x', 'float64', [3]);
    const values: Tensor<'float64'> = tensor('float64', [3], Float64Array.of(0.2, 0.2 + 2 ** -54, THETA));
    const y = thresholdActivation(wide, { threshold: 0.2, activation: 'relu' });
    const { y: result } = await runOnCpu(buildModel({ inputs: [wide], outputs: { y } }), { x: values });
    expect(result.data).toEqual(thresholdReference(values, { threshold: 0.2, activation: 'relu' }).data);
  });
});

describe('the nodes', () => {
  const nodes = (options: ThresholdOptions<'float32'>) =>
    opTypes(buildModel({ inputs: [x], outputs: { y: thresholdActivation(x, options) } }));

  it.each<[string, ThresholdOptions<'float32'>, string[]]>([
    ['identity', { threshold: 0.2 }, ['Greater', 'Where']],
    ['identity below zero, where -0 fires', { threshold: -0.2 }, ['Greater', 'Cast', 'Equal', 'Where']],
    ['relu needs no Relu', { threshold: -0.2, activation: 'relu' }, ['Greater', 'Where']],
    [
      'magnitude relu needs no Abs',
      { threshold: 0.2, activation: 'relu', comparison: 'magnitude' },
      ['Greater', 'Where'],
    ],
    [
      'relu at least θ',
      { threshold: 0.2, activation: 'relu', comparison: 'greaterOrEqual' },
      ['GreaterOrEqual', 'Where'],
    ],
    ['relu at least 0', { threshold: 0, activation: 'relu', comparison: 'greaterOrEqual' }, ['Greater', 'Where']],
    ['leakyRelu', { threshold: 0.2, activation: 'leakyRelu' }, ['Greater', 'LeakyRelu', 'Where']],
    ['thresholdedRelu', { threshold: 0.2, activation: 'relu', lowering: 'thresholdedRelu' }, ['ThresholdedRelu']],
    [
      'multiply, forced',
      { threshold: 0.2, activation: 'relu', lowering: 'multiply', force: true },
      ['Relu', 'Greater', 'Cast', 'Mul'],
    ],
    ['auto where one node is exact', { threshold: 0.2, lowering: 'auto' }, ['ThresholdedRelu']],
    ['auto where it is not', { threshold: [0.2], lowering: 'auto' }, ['Greater', 'Where']],
    ['auto on WebGPU', { threshold: 0.2, lowering: 'auto', target: 'node/webgpu' }, ['ThresholdedRelu']],
    [
      'auto on WebGPU without the kernel',
      { threshold: 0.2, lowering: 'auto', target: 'chromium/webgpu', opset: 22 },
      ['Greater', 'Where'],
    ],
  ])('%s', (_, options, expected) => expect(nodes(options).toSorted()).toEqual(expected.toSorted()));

  it('thresholdedRelu is the definition, bit for bit, where it is not refused', async () => {
    for (const activation of ['identity', 'relu'] as const) {
      for (const threshold of [0, 0.2, Infinity, LARGE]) {
        const y = thresholdActivation(x, { threshold, activation, lowering: 'thresholdedRelu' });
        const { y: result } = await runOnCpu(buildModel({ inputs: [x], outputs: { y } }), { x: xs });
        expect(bits(result), `θ = ${threshold}`).toEqual(bits(thresholdReference(xs, { threshold, activation })));
      }
    }
  });
});

describe('refusals', () => {
  const theta = input('theta', 'float32', []);
  it.each<[string, ThresholdOptions<'float32'>, string]>([
    ['multiply', { threshold: 0.2, lowering: 'multiply' }, 'a silent NaN or infinity gives NaN'],
    ['thresholdedRelu below zero', { threshold: -0.2, lowering: 'thresholdedRelu' }, 'θ >= 0, not for -0.2'],
    ['thresholdedRelu of NaN', { threshold: Number.NaN, lowering: 'thresholdedRelu' }, 'not for NaN'],
    [
      'thresholdedRelu at least',
      { threshold: 0.2, comparison: 'greaterOrEqual', lowering: 'thresholdedRelu' },
      'fires at x > θ',
    ],
    [
      'thresholdedRelu by magnitude',
      { threshold: 0.2, comparison: 'magnitude', lowering: 'thresholdedRelu' },
      'fires at x > θ',
    ],
    ['thresholdedRelu of elu', { threshold: 0.2, activation: 'elu', lowering: 'thresholdedRelu' }, 'not for elu'],
    ['thresholdedRelu per channel', { threshold: [0.2], lowering: 'thresholdedRelu' }, 'not one per channel'],
    ['thresholdedRelu from the graph', { threshold: theta, lowering: 'thresholdedRelu' }, 'not a value of the graph'],
  ])('%s', (_, options, message) => {
    expect(() => thresholdActivation(x, options)).toThrow(message);
    expect(() => thresholdActivation(x, options)).toThrow(expect.objectContaining({ code: 'inexact' }));
  });

  it('force takes the lowering all the same', () => {
    const y = thresholdActivation(x, { threshold: -0.2, lowering: 'thresholdedRelu', force: true });
    expect(opTypes(buildModel({ inputs: [x], outputs: { y } }))).toEqual(['ThresholdedRelu']);
  });

  it.each<[string, () => unknown, string]>([
    [
      'x that is no float',
      () => thresholdActivation(input('n', 'int64', [1]) as never, { threshold: 0 }),
      'not a float',
    ],
    [
      'thresholds that do not match the channels',
      () => thresholdActivation(input('v', 'float32', [1, 3]), { threshold: [1, 2] }),
      '2 thresholds for the 3 channels on axis -1 of [1,3]',
    ],
    ['an axis outside x', () => thresholdActivation(x, { threshold: [1], axis: 2 }), 'axis 2 is outside [n,1]'],
    [
      'an axis from the front of an unknown rank',
      () => thresholdActivation(input('v', 'float32', null), { threshold: [1], axis: 1 }),
      'whose rank is unknown',
    ],
    [
      'a threshold that would enlarge x',
      () => thresholdActivation(x, { threshold: constant([1, 2]) }),
      'does not broadcast to x',
    ],
    [
      'an unknown activation',
      () => thresholdActivation(x, { threshold: 0, activation: 'rleu' as never }),
      "the activation 'rleu'; choose one of identity, relu",
    ],
    [
      'a parameter that is not there',
      () => thresholdActivation(x, { threshold: 0, activation: { type: 'relu', alpha: 1 } }),
      "no parameter 'alpha'",
    ],
    [
      'an unknown comparison',
      () => thresholdActivation(x, { threshold: 0, comparison: 'less' as never }),
      "the comparison 'less'",
    ],
  ])('%s', (_, action, message) => expect(action).toThrow(message));

  it('a negative axis needs no rank', () => {
    expect(thresholdActivation(input('v', 'float32', null), { threshold: [1, 2], axis: -3 }).dtype).toBe('float32');
  });
});

function opTypes(model: Model): string[] {
  return model.graph.nodes.map(({ opType }) => opType);
}
