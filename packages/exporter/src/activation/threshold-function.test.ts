import { describe, expect, it } from 'vitest';
import { bits, runOnCpu } from '../../test/run-on-cpu.js';
import { buildModel, input } from '../builder/index.js';
import { decodeModel, encodeModel } from '../codec/index.js';
import { dense, sequential, sparseActivation } from '../layers/index.js';
import { tensor } from '../tensor/index.js';
import { thresholdActivation } from './threshold-activation.js';
import type { ThresholdOptions } from './threshold-options.js';

const x = input('x', 'float32', ['n', 2]);
const special = [Number.NaN, Infinity, -Infinity, 0, -0, 2 ** -149, 0.2, -0.2, 1, -1, Math.fround(0.2), 3];
const xs = tensor('float32', [special.length / 2, 2], Float32Array.from(special));

const CASES: readonly [string, ThresholdOptions<'float32'>][] = [
  ['Threshold', { threshold: 0.2 }],
  ['Threshold', { threshold: -0.2 }],
  ['ThresholdRelu', { threshold: [0.2, -0.2], activation: 'relu' }],
  ['ThresholdRelu', { threshold: 0.2, activation: 'relu', lowering: 'thresholdedRelu' }],
  ['ThresholdLeakyRelu', { threshold: -0.5, activation: { type: 'leakyRelu', alpha: 0.1 }, comparison: 'magnitude' }],
  ['ThresholdElu', { threshold: -0.5, activation: 'elu', comparison: 'greaterOrEqual' }],
  ['ThresholdFunction', { threshold: 0.1, activation: (v) => v }],
];

describe('a threshold activation as one node', () => {
  it.each(CASES)('%s %j', async (name, options) => {
    const spelledOut = buildModel({ inputs: [x], outputs: { y: thresholdActivation(x, options) } });
    const y = thresholdActivation(x, { ...options, asFunction: true });
    const model = decodeModel(encodeModel(buildModel({ inputs: [x], outputs: { y } })));
    expect(model.graph.nodes.map(({ domain, opType }) => [domain, opType])).toEqual([['rheobase', name]]);
    expect(model.functions[0].docString).toContain('where');
    const [expected, actual] = [await runOnCpu(spelledOut, { x: xs }), await runOnCpu(model, { x: xs })];
    expect(bits(actual.y)).toEqual(bits(expected.y));
  });

  it('is one function for all of its kind', () => {
    const layers = [0.1, 0.2].flatMap((threshold) => [
      dense(4),
      sparseActivation({ threshold, activation: 'relu', asFunction: true }),
    ]);
    const { functions, graph } = sequential(layers).toModel({ inputShape: [3] });
    expect(functions.map(({ name }) => name)).toEqual(['ThresholdRelu']);
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(['Gemm', 'ThresholdRelu', 'Gemm', 'ThresholdRelu']);
  });
});
