import { buildModel, encodeModel, input, type Model, op, thresholdActivation } from '@rheobase/exporter';
import type { Tensor } from '@rheobase/exporter/tensor';
import { describe, expect, it } from 'vitest';
import { cpuBackend } from '../../fixtures/backends.js';
import { floatAttribute, floats, type ModelParts, modelOf, nodeOf } from '../../fixtures/models.js';
import { network } from '../../fixtures/network.js';
import { boundaryCases } from './boundary-cases.js';
import { stepped } from './neighbours.js';

const gate = (nodes: ModelParts['nodes'], parts: ModelParts = {}): Model =>
  modelOf({
    inputs: { x: ['float32', ['batch', 4]], ...parts.inputs },
    outputs: { y: ['float32', ['batch', 4]] },
    initializers: { theta: floats([], [0.3]), zero: floats([], [0]), ...parts.initializers },
    nodes: [...(nodes ?? []), nodeOf('Greater', ['v', 'theta'], 'mask'), nodeOf('Where', ['mask', 'v', 'zero'], 'y')],
  });

const valuesOf = (model: Model, input = 'x') =>
  new Set([...boundaryCases(model)].flatMap(({ feeds }) => Array.from(feeds[input]?.data as Float32Array)));

const around = (value: number) => [0, 1, -1, 2, -2].map((steps) => stepped('float32', value, steps));

describe('neighbours', () => {
  it.each([
    ['float32', 1, 1, 1 + 2 ** -23],
    ['float32', 1, -1, 1 - 2 ** -24],
    ['float32', 0, -1, -(2 ** -149)],
    ['float32', -1, 1, -1 + 2 ** -24],
    ['float64', 1, 1, 1 + 2 ** -52],
    ['float64', 0, -1, -Number.MIN_VALUE],
    ['float16', 1, 1, 1 + 2 ** -10],
    ['bfloat16', -1, -1, -1 - 2 ** -7],
  ] as const)('of %s %d, %d away, is %d', (dtype, value, steps, expected) => {
    expect(stepped(dtype, value, steps)).toBe(expected);
  });
});

describe('boundary cases', () => {
  it('give every element θ and two neighbours on either side', () => {
    const model = gate([nodeOf('Identity', ['x'], 'v')]);
    const cases = [...boundaryCases(model)];
    expect(cases.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4].map((i) => `boundary/Greater_mask/${i}`));
    for (let place = 0; place < 4; place += 1) {
      const taken = cases.map(({ feeds }) => feeds.x?.data[place]);
      expect(new Set(taken)).toEqual(new Set(around(0.3)));
    }
  });

  it('go back through elementwise operators', () => {
    const half = { initializers: { half: floats([], [0.5]) } };
    const values = valuesOf(gate([nodeOf('Mul', ['x', 'half'], 'm'), nodeOf('Abs', ['m'], 'v')], half));
    expect(values).toEqual(new Set([...around(0.6), ...around(-0.6)]));
  });

  it('take a θ per channel, a θ fed as an input, and a ThresholdedRelu', () => {
    const perChannel = gate([nodeOf('Identity', ['x'], 'v')], { initializers: { theta: floats([4], [1, 2, 3, 4]) } });
    expect(valuesOf(perChannel)).toEqual(new Set([1, 2, 3, 4].flatMap(around)));
    const fed = modelOf({
      inputs: { x: ['float32', [4]], theta: ['float32', []] },
      outputs: { y: ['float32', [4]] },
      initializers: { zero: floats([], [0]) },
      nodes: [nodeOf('Greater', ['x', 'theta'], 'mask'), nodeOf('Where', ['mask', 'x', 'zero'], 'y')],
    });
    const [first] = [...boundaryCases(fed)];
    const theta = Number(first?.feeds.theta?.data[0]);
    expect(valuesOf(fed)).toEqual(new Set(around(theta)));
    const relu = modelOf({
      inputs: { x: ['float32', [4]] },
      outputs: { y: ['float32', [4]] },
      nodes: [nodeOf('ThresholdedRelu', ['x'], 'y', [floatAttribute('alpha', 0.25)])],
    });
    expect(valuesOf(relu)).toEqual(new Set(around(0.25)));
  });

  it('reach a threshold inside a function of the model, and a magnitude', () => {
    const x = input('x', 'float32', [4]);
    const inFunction = thresholdActivation(x, { threshold: 0.25, asFunction: true });
    expect(valuesOf(buildModel({ inputs: [x], outputs: { y: inFunction } }))).toEqual(new Set(around(0.25)));
    const magnitude = op.shrink(x, { bias: 0, lambd: 0.25 });
    expect(valuesOf(buildModel({ inputs: [x], outputs: { y: magnitude } }))).toEqual(new Set(around(0.25)));
  });

  it('drive one neuron a row behind a dense layer, so that some fire at θ’s neighbours and some do not', async () => {
    const session = await cpuBackend().open({ bytes: encodeModel(network) });
    const hidden: Tensor[] = [];
    for (const { feeds } of boundaryCases(network)) hidden.push((await session.run(feeds)).outputs.hidden as Tensor);
    await session.close();
    const driven = hidden.map(({ data }) => Math.max(...(data as Float32Array)));
    expect(driven).toHaveLength(60);
    // A neuron that fires is within a few steps of θ; one that does not is zero.
    const firing = driven.filter((value) => value > 0 && value < 0.2001);
    expect(firing.length).toBeGreaterThan(10);
  });

  it('tell which thresholds no input reaches, and fail where none is reached', () => {
    const conv = [nodeOf('Softmax', ['x'], 'v')];
    expect(() => [...boundaryCases(gate(conv))]).toThrow(
      'node Greater_mask: no input reaches a threshold: between it and the input lies Softmax (Softmax_v)',
    );
    expect(() => [...boundaryCases(modelOf({ inputs: { x: ['float32', [1]] } }))]).toThrow(
      'the model has no threshold',
    );
  });
});
