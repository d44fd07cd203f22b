import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finite, SPECIAL } from '../../../test/compare-runs.js';
import { bits, runOnCpu } from '../../../test/run-on-cpu.js';
import { nodeLines, opTypes, sketch, sketchFunction, sketchGraph } from '../../../test/sketch.js';
import type { Comparison, Lowering } from '../../activation/index.js';
import { checkModel } from '../../check/check-model.js';
import type { Model } from '../../model/model.js';
import { tensor } from '../../tensor/index.js';
import { type InsertedThreshold, insertThresholds } from './insert-thresholds.js';
import { upgradeOpset } from './upgrade-opset.js';

const VALUES = [...SPECIAL, ...finite(32, 4)].slice(0, 56);
const x = tensor('float32', [14, 4], Float32Array.from(VALUES));

/** What the definition says of an activation's output: a where it fires, +0 elsewhere. */
function gated(a: Float32Array, fires: (value: number) => boolean): Float32Array {
  return a.map((value) => (fires(value) ? value : 0));
}

function activationModel(activation: string, opset = 21): Model {
  return sketch(
    `input x float32 [n,4]
     constant slope float32 [4] 0.1 0.2 0.3 0.4
     constant one float32 [] 1
     constant root2 float32 [] 1.4142135
     constant half float32 [] 0.5
     ${activation}
     z = Neg(a)
     output z float32 [n,4]
     output a float32 [n,4]`,
    { opset },
  );
}

const ERF_GELU = 'd = Div(x, root2)\n e = Erf(d)\n p = Add(e, one)\n m = Mul(x, p)\n a = Mul(m, half)';

describe('after an activation', () => {
  it.each([
    ['Relu', 'a = Relu(x)'],
    ['LeakyRelu', 'a = LeakyRelu(x) alpha=0.1'],
    ['PRelu', 'a = PRelu(x, slope)'],
    ['Elu', 'a = Elu(x)'],
    ['Gelu', 'a = Gelu(x)'],
    ['Gelu', ERF_GELU],
    ['HardSwish', 'a = HardSwish(x)'],
    ['Swish', 's = Sigmoid(x)\n a = Mul(x, s)'],
    ['Mish', 's = Softplus(x)\n t = Tanh(s)\n a = Mul(x, t)'],
    ['Softplus', 'a = Softplus(x)'],
  ])('%s stands y = a where a > theta, else 0', async (activation, nodes) => {
    const before = activationModel(nodes);
    const { model, chosen, refused } = insertThresholds(before, {}, { threshold: 0.25 });
    expect(refused).toEqual([]);
    expect(chosen).toMatchObject([{ activation, value: 'a', threshold: 0.25, position: 0 }]);
    expect(checkModel(model).filter(({ severity }) => severity === 'error')).toEqual([]);
    const [original, thresholded] = [await runOnCpu(before, { x }), await runOnCpu(model, { x })];
    const expected = gated(original.a.data as Float32Array, (value) => value > 0.25);
    expect(bits(thresholded.a)).toEqual(bits({ ...original.a, data: expected } as typeof original.a));
    expect(bits(thresholded.z)).toEqual(
      bits({ ...original.z, data: expected.map((value) => -value) } as typeof original.z),
    );
  });

  it('keeps names of graph inputs and outputs', () => {
    const before = activationModel('a = Relu(x)');
    const { model } = insertThresholds(before, {}, { threshold: 0.25 });
    expect(model.graph.inputs).toEqual(before.graph.inputs);
    expect(model.graph.outputs).toEqual(before.graph.outputs);
  });

  it('replaces a Relu by the one operator that does both, where that is exact', () => {
    const [relu] = opTypes(insertThresholds(activationModel('a = Relu(x)'), {}, { threshold: 0.25 }).model);
    expect(relu).toBe('ThresholdedRelu');
    const onGpu = insertThresholds(activationModel('a = Relu(x)', 22), {}, { threshold: 0.25, target: 'node/webgpu' });
    expect(opTypes(onGpu.model).slice(0, 2)).toEqual(['Greater', 'Where']);
    const below = insertThresholds(activationModel('a = Relu(x)'), {}, { threshold: -0.25 });
    expect(opTypes(below.model).slice(0, 2)).toEqual(['Relu', 'Greater']);
  });
});

describe('thresholds', () => {
  const before = activationModel('a = LeakyRelu(x) alpha=0.5');
  const cases: [string, Comparison, (value: number) => boolean][] = [
    ['>', 'greater', (value) => value > 0.25],
    ['>=', 'greaterOrEqual', (value) => value >= 0.25],
    ['|.| >', 'magnitude', (value) => Math.abs(value) > 0.25],
  ];
  it.each(cases)('compare with %s', async (_, comparison, fires) => {
    const { model } = insertThresholds(before, {}, { threshold: 0.25, comparison, lowering: 'where' });
    const [original, thresholded] = [await runOnCpu(before, { x }), await runOnCpu(model, { x })];
    const expected = gated(original.a.data as Float32Array, fires);
    expect(bits(thresholded.a)).toEqual(bits({ ...original.a, data: expected } as typeof original.a));
  });

  it('can be one per channel, along a named axis', async () => {
    const image = sketch('input x float32 [n,3,2,2]\n a = LeakyRelu(x)\n output a float32 [n,3,2,2]');
    const { model } = insertThresholds(image, {}, { threshold: [0.5, 1.5, 2.5], axis: 1 });
    const data = Float32Array.from({ length: 12 }, (_, index) => [0, 1, 2, 3][index % 4]);
    const { a } = await runOnCpu(model, { x: tensor('float32', [1, 3, 2, 2], data) });
    expect([...(a.data as Float32Array)]).toEqual([0, 1, 2, 3, 0, 0, 2, 3, 0, 0, 0, 3]);
  });

  it('can be a graph input, shared by all', async () => {
    const two = sketch(
      'input x float32 [14,4]\n b = LeakyRelu(x) alpha=0.5\n a = LeakyRelu(b) alpha=0.5\n output a float32',
    );
    const threshold: InsertedThreshold = { input: 'theta' };
    const { model, chosen } = insertThresholds(two, {}, { threshold });
    expect(chosen).toHaveLength(2);
    expect(model.graph.inputs.map(({ name }) => name)).toEqual(['x', 'theta']);
    for (const value of [0.25, -0.5]) {
      const fixed = insertThresholds(two, {}, { threshold: value, lowering: 'where' }).model;
      const theta = tensor('float32', [], Float32Array.of(value));
      expect(bits((await runOnCpu(model, { x, theta })).a)).toEqual(bits((await runOnCpu(fixed, { x })).a));
    }
  });

  it('can differ by activation', () => {
    const two = sketch('input x float32 [n,4]\n b = Relu(x)\n a = Elu(b)\n output a float32');
    const { chosen } = insertThresholds(
      two,
      {},
      { threshold: ({ activation }) => (activation === 'Relu' ? 0.1 : 0.2) },
    );
    expect(chosen.map(({ node, threshold }) => [node, threshold])).toEqual([
      ['Relu_b', 0.1],
      ['Elu_a', 0.2],
    ]);
  });

  it('refuse a lowering that is not exact, unless forced', () => {
    const lowering: Lowering = 'multiply';
    const { chosen, refused } = insertThresholds(before, {}, { threshold: 0.25, lowering });
    expect(chosen).toEqual([]);
    expect(refused).toMatchObject([
      { node: 'LeakyRelu_a', reason: expect.stringContaining('would not be the same function') },
    ]);
    const forced = insertThresholds(before, {}, { threshold: 0.25, lowering, force: true });
    expect(forced.chosen).toMatchObject([{ lowering: 'multiply' }]);
  });
});

describe('the selector', () => {
  const before = sketch(
    'input x float32 [n,4]\n a = Relu(x)\n b = Elu(a)\n c = Relu(b)\n d = Tanh(c)\n output d float32 [n,4]',
  );
  const nodesChosen = (selector: Parameters<typeof insertThresholds>[1]) =>
    insertThresholds(before, selector, { threshold: 0.5 }).chosen.map(({ node }) => node);

  it('takes activations by operator, name and position, and all of them together', () => {
    expect(nodesChosen({})).toEqual(['Relu_a', 'Elu_b', 'Relu_c']);
    expect(nodesChosen({ ops: ['Relu'] })).toEqual(['Relu_a', 'Relu_c']);
    expect(nodesChosen({ ops: ['Tanh'] })).toEqual(['Tanh_d']);
    expect(nodesChosen({ names: /_[ab]$/g })).toEqual(['Relu_a', 'Elu_b']);
    expect(nodesChosen({ positions: [1, 2] })).toEqual(['Elu_b', 'Relu_c']);
    expect(nodesChosen({ ops: ['Relu'], positions: [1] })).toEqual(['Relu_c']);
    expect(nodesChosen({ ops: ['Relu'], names: /b/ })).toEqual([]);
  });

  it('does not take the Sigmoid inside a SiLU for an activation of its own', () => {
    const silu = sketch('input x float32 [n,4]\n s = Sigmoid(x)\n a = Mul(x, s)\n y = Sigmoid(a)\n output y float32');
    const { chosen } = insertThresholds(silu, { ops: ['Sigmoid', 'Swish'] }, { threshold: 0.1 });
    expect(chosen.map(({ node, activation }) => [node, activation])).toEqual([
      ['Mul_a', 'Swish'],
      ['Sigmoid_y', 'Sigmoid'],
    ]);
  });
});

describe('refusals say why', () => {
  it.each([
    [
      'a threshold is there already',
      'input x float32 [n,4]\n constant t float32 [] 0.1\n constant z float32 [] 0\n a = Relu(x)\n m = Greater(a, t)\n y = Where(m, a, z)\n output y float32',
      {},
      'Where_y is a threshold',
    ],
    [
      'the type is not known',
      'input x float32 [n,4]\n u = com.example:Unknown(x)\n a = Relu(u)\n output a',
      {},
      'not known',
    ],
    ['the value is no float', 'input x int32 [n,4]\n a = Relu(x)\n output a int32', {}, 'int32, not a float'],
    [
      'channels do not fit',
      'input x float32 [n,4]\n a = Relu(x)\n output a float32',
      { threshold: [1, 2, 3] },
      '3 thresholds for the 4 channels',
    ],
    [
      'there is no such position',
      'input x float32 [n,4]\n a = Relu(x)\n output a float32',
      { positions: [7] },
      'no activation number 7',
    ],
    [
      'the input name is taken',
      'input x float32 [n,4]\n a = Relu(x)\n output a float32',
      { threshold: { input: 'x' } },
      "has a value 'x'",
    ],
  ])(
    '%s',
    (_, text, { threshold = 0.5, ...selector }: { threshold?: InsertedThreshold; positions?: number[] }, reason) => {
      const before = sketch(text, { opsets: { '': 21, 'com.example': 1 } });
      const { refused } = insertThresholds(before, selector, { threshold });
      expect(refused.map((entry) => entry.reason).join()).toContain(reason);
    },
  );

  it('inside a local function', () => {
    const fn = sketchFunction('local', 'Block', ['x'], ['y'], 'y = Relu(x)');
    const before = sketch('input x float32 [4]\n z = local:Block(x)\n output z float32', {
      opsets: { '': 21, local: 1 },
      functions: [fn],
    });
    const { model, refused } = insertThresholds(before, {}, { threshold: 0.5 });
    expect(model).toBe(before);
    expect(refused).toMatchObject([
      { node: 'Relu_y', reason: expect.stringContaining('inside the local function Block') },
    ]);
  });
});

describe('subgraphs', () => {
  it('get thresholds inside', async () => {
    const branch = (nodes: string) => sketchGraph(`${nodes}\n output r float32 [14,4]`);
    const before = sketch(
      'input x float32 [14,4]\n input b bool []\n y = If(b) then_branch=@yes else_branch=@no\n output y float32',
      {
        graphs: { yes: branch('r = LeakyRelu(x)'), no: branch('r = Elu(x)') },
      },
    );
    const { model, chosen } = insertThresholds(before, {}, { threshold: 0.5 });
    expect(chosen.map(({ activation }) => activation)).toEqual(['LeakyRelu', 'Elu']);
    for (const b of [0, 1]) {
      const { y } = await runOnCpu(model, { x, b: { dtype: 'bool', shape: [], data: Uint8Array.of(b) } });
      expect((y.data as Float32Array).every((value) => value === 0 || value > 0.5)).toBe(true);
    }
  });
});

describe('the opset', () => {
  it('stays where it has the operators', () => {
    expect(insertThresholds(activationModel('a = Elu(x)', 11), {}, { threshold: 0.5 }).model.opsets['']).toBe(11);
  });

  it('is raised only as far as needed', async () => {
    const old = sketch('input x float32 [14,4]\n a = Elu(x)\n output a float32', { opset: 8 });
    const { model } = insertThresholds(old, {}, { threshold: 0.5 });
    expect(model.opsets['']).toBe(9);
    const { a } = await runOnCpu(model, { x });
    expect((a.data as Float32Array).every((value) => value === 0 || value > 0.5)).toBe(true);
  });

  it('is not raised past a node that would mean something else', () => {
    const old = sketch('input x float32 [14,4]\n a = Elu(x)\n y = Upsample(a) mode=nearest\n output y float32', {
      opset: 8,
    });
    expect(() => insertThresholds(old, {}, { threshold: 0.5 })).toThrow(/need opset 9.*Upsample/);
  });

  it.each([
    ['y = Softmax(x)', 11, 13, 'means something else since opset 13'],
    ['y = Squeeze(x) axes=[0]', 11, 13, 'another signature since opset 13'],
    ['y = Upsample(x, x)', 9, 13, 'deprecated in opset 10'],
  ])('%s from %i to %i: %s', (node, from, to, reason) => {
    const model = sketch(`input x float32 [1,4]\n ${node}\n output y float32`, { opset: from });
    expect(upgradeOpset(model, to)).toMatchObject({ kind: 'obstacle', reason: expect.stringContaining(reason) });
  });

  it('is raised where versions only add types', () => {
    const model = sketch('input x float32 [1,4]\n a = Relu(x)\n y = Add(a, x)\n output y float32', { opset: 13 });
    expect(upgradeOpset(model, 21)).toMatchObject({ kind: 'upgraded', model: { opsets: { '': 21 }, irVersion: 10 } });
  });
});

it('random chains of activations keep what they compute apart from what falls silent', async () => {
  const ops = ['Relu', 'Elu', 'LeakyRelu', 'Softplus', 'HardSwish'];
  const chains = fc.array(fc.constantFrom(...ops), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(chains, fc.double({ min: -1, max: 1, noNaN: true }), async (chain, threshold) => {
      const lines = chain.map((opType, index) => `v${index + 1} = ${opType}(v${index})`);
      const before = sketch(
        `input v0 float32 [14,4]\n ${lines.join('\n')}\n ${chain.map((_, index) => `output v${index + 1} float32 [14,4]`).join('\n')}`,
      );
      const { model, chosen } = insertThresholds(before, {}, { threshold });
      expect(chosen.map(({ activation }) => activation)).toEqual(chain);
      expect(nodeLines(model.graph).length).toBeGreaterThanOrEqual(chain.length);
      const theta = Math.fround(threshold);
      let v0 = tensor('float32', [14, 4], Float32Array.from(finite(56, 4)));
      const actual = await runOnCpu(model, { v0 });
      for (const [index, opType] of chain.entries()) {
        const single = sketch(`input v0 float32 [14,4]\n a = ${opType}(v0)\n output a float32`);
        const { a } = await runOnCpu(single, { v0 });
        const expected = { ...a, data: gated(a.data as Float32Array, (value) => value > theta) } as typeof v0;
        expect(bits(actual[`v${index + 1}`])).toEqual(bits(expected));
        v0 = expected;
      }
    }),
    { numRuns: 30 },
  );
});
