import { describe, expect, it } from 'vitest';
import { sketch, sketchFunction, sketchGraph } from '../../test/sketch.js';
import { initializer } from '../model/initializer.js';
import type { Model } from '../model/model.js';
import { readThresholds } from './read-thresholds.js';
import type { Theta, ThresholdGate } from './threshold.js';

const AROUND = `
  input x float32 [n,3]
  input given float32 []
  input valid bool [n,3]
  constant theta float32 [] 0.5
  constant each float32 [3] 0.25 0.5 0.75
  constant zero float32 [] 0
  constant zeros float32 [3] 0 0 0
  constant one float32 [] 1
  constant half float16 [] 0.5
  constant double float64 [] 0.1
  constant brain bfloat16 [] 0.5
  constant whole int32 [] 3
  output y float32`;

const read = (nodes: string, options = {}) => readThresholds(sketch(`${AROUND}\n${nodes}`, options));
const of = ({ compares, passes }: ThresholdGate) => [...new Set([...compares, ...passes])];
const lastOf = (gates: readonly ThresholdGate[]) => gates.at(-1);

type Row = readonly [form: string, nodes: string, theta: Theta | null, fires: ThresholdGate['fires'], values: string[]];

describe('a gate', () => {
  it.each<Row>([
    ['ThresholdedRelu', 'y = ThresholdedRelu(x) alpha=0.25', 0.25, 'above', ['x']],
    ['ThresholdedRelu by default', 'y = ThresholdedRelu(x)', 1, 'above', ['x']],
    ['Shrink by default', 'y = Shrink(x)', 0.5, 'magnitude', ['x']],
    ['Where', 'm = Greater(x, theta)\n y = Where(m, x, zero)', 0.5, 'above', ['x']],
    [
      'Where that lets another value through',
      'f = Tanh(x)\n m = Greater(x, theta)\n y = Where(m, f, zero)',
      0.5,
      'above',
      ['x', 'f'],
    ],
    ['one θ a neuron', 'm = Greater(x, each)\n y = Where(m, x, zeros)', [0.25, 0.5, 0.75], 'above', ['x']],
    ['θ on the left', 'm = Less(theta, x)\n y = Where(m, x, zero)', 0.5, 'above', ['x']],
    ['silent first', 'm = LessOrEqual(x, theta)\n y = Where(m, zero, x)', 0.5, 'above', ['x']],
    ['what lies below', 'm = Less(x, theta)\n y = Where(m, x, zero)', 0.5, 'below', ['x']],
    ['Not', 'm = LessOrEqual(x, theta)\n n = Not(m)\n y = Where(n, x, zero)', 0.5, 'above', ['x']],
    [
      'And with a mask from elsewhere',
      'm = Greater(x, theta)\n a = And(m, valid)\n y = Where(a, x, zero)',
      0.5,
      'above',
      ['x'],
    ],
    [
      'Or with a mask from elsewhere',
      'm = Greater(x, theta)\n a = Or(m, valid)\n y = Where(a, x, zero)',
      null,
      null,
      ['x'],
    ],
    ['a band', 'm = Greater(x, zero)\n k = Less(x, theta)\n a = And(m, k)\n y = Where(a, x, zero)', null, null, ['x']],
    ['the magnitude', 'a = Abs(x)\n m = Greater(a, theta)\n y = Where(m, x, zero)', 0.5, 'magnitude', ['a', 'x']],
    ['a product', 'm = Greater(x, theta)\n c = Cast(m) to=1\n y = Mul(x, c)', 0.5, 'above', ['x']],
    ['a product, the mask first', 'm = Greater(x, theta)\n c = Cast(m) to=1\n y = Mul(c, x)', 0.5, 'above', ['x']],
    [
      'a product with 1 − mask',
      'm = Less(x, theta)\n c = Cast(m) to=1\n k = Sub(one, c)\n y = Mul(x, k)',
      0.5,
      'above',
      ['x'],
    ],
    [
      'a product of masks',
      'm = Greater(x, theta)\n c = Cast(m) to=1\n v = Cast(m) to=1\n k = Mul(c, v)\n y = Mul(x, k)',
      null,
      null,
      ['x'],
    ],
    ['a mask chosen', 'm = Greater(x, theta)\n c = Where(m, one, zero)\n y = Mul(x, c)', 0.5, 'above', ['x']],
    [
      'a mask compared with 0',
      'm = Greater(x, theta)\n c = Cast(m) to=1\n s = Equal(c, zero)\n y = Where(s, zero, x)',
      0.5,
      'above',
      ['x'],
    ],
    [
      'a mask in another shape',
      'm = Greater(x, theta)\n k = Unsqueeze(m, axes)\n y = Where(k, x, zero)',
      0.5,
      'above',
      ['x'],
    ],
    ['θ fed', 'm = Greater(x, given)\n y = Where(m, x, zero)', null, 'above', ['x', 'given']],
    [
      'θ computed from constants',
      't = Neg(theta)\n u = Max(t, zero)\n m = Greater(x, u)\n y = Where(m, x, zero)',
      0,
      'above',
      ['x'],
    ],
    ['θ cast', 't = Cast(double) to=1\n m = Greater(x, t)\n y = Where(m, x, zero)', Math.fround(0.1), 'above', ['x']],
    [
      'θ expanded to the shape of x',
      's = Shape(x)\n t = Expand(theta, s)\n m = Greater(x, t)\n y = Where(m, x, zero)',
      0.5,
      'above',
      ['x'],
    ],
    ['θ of float16', 'm = Greater(x, half)\n y = Where(m, x, zero)', 0.5, 'above', ['x']],
    ['θ of float64', 'm = Greater(x, double)\n y = Where(m, x, zero)', 0.1, 'above', ['x']],
    ['θ of bfloat16', 'm = Greater(x, brain)\n y = Where(m, x, zero)', 0.5, 'above', ['x']],
    ['whole numbers, which are no θ', 'm = Greater(x, whole)\n y = Where(m, x, zero)', null, 'above', ['x']],
    [
      'zeros of the shape of x',
      's = Shape(x)\n z = ConstantOfShape(s)\n m = Greater(x, theta)\n y = Where(m, x, z)',
      0.5,
      'above',
      ['x'],
    ],
    ['x − x', 'z = Sub(x, x)\n m = Greater(x, theta)\n y = Where(m, x, z)', 0.5, 'above', ['x']],
    ['x · 0', 'z = Mul(x, zero)\n m = Greater(x, theta)\n y = Where(m, x, z)', 0.5, 'above', ['x']],
    [
      'zeros expanded',
      's = Shape(x)\n z = Expand(zero, s)\n m = Greater(x, theta)\n y = Where(m, x, z)',
      0.5,
      'above',
      ['x'],
    ],
    [
      'a Constant node',
      'z = Constant() value_float=0.0\n t = Constant() value_float=0.5\n m = Greater(x, t)\n y = Where(m, x, z)',
      0.5,
      'above',
      ['x'],
    ],
    [
      'what is compared in another type',
      'w = Cast(x) to=11\n m = Greater(w, double)\n y = Where(m, x, zero)',
      0.1,
      'above',
      ['w', 'x'],
    ],
  ])('is read: %s', (_, nodes, theta, fires, values) => {
    const gate = lastOf(read(nodes).gates);
    expect(gate).toMatchObject({ kind: 'threshold', output: 'y', theta, fires, within: [] });
    expect(gate && of(gate)).toEqual(values);
    expect(gate?.index).toBe(nodes.split('\n').length - 1);
  });

  it.each([
    ['Relu', 'y = Relu(x)'],
    ['Clip', 'y = Clip(x, zero)'],
    ['Clip of old', 'y = Clip(x) min=0.0 max=6.0'],
    ['Max', 'y = Max(zero, x)'],
  ])('that is a ReLU is told apart: %s', (_, nodes) => {
    expect(read(nodes).gates).toMatchObject([{ kind: 'relu', output: 'y', theta: null, passes: ['x'] }]);
  });

  it.each([
    ['another value instead of zero', 'm = Greater(x, zero)\n y = Where(m, x, one)'],
    ['a question that compares nothing', 'm = IsNaN(x)\n y = Where(m, zero, x)'],
    ['an ordinary product', 'y = Mul(x, theta)'],
    ['what a gate lets through, times something', 'y = Mul(x, given)'],
    ['a smooth activation', 'y = Sigmoid(x)'],
    ['Shrink that moves what it lets through', 'y = Shrink(x) bias=0.5'],
    ['Clip from elsewhere', 'y = Clip(x, one)'],
    ['the larger of two values', 'y = Max(x, given)'],
    ['an operator of another domain', 'y = com.microsoft:ThresholdedRelu(x)'],
  ])('is none: %s', (_, nodes) => {
    expect(read(nodes).gates).toEqual([]);
  });

  it('counts once where its output is multiplied further', () => {
    const { gates } = read('m = Greater(x, theta)\n c = Cast(m) to=1\n g = Mul(x, c)\n y = Mul(g, given)');
    expect(gates.map(({ output }) => output)).toEqual(['g']);
  });

  it('takes θ and zeros from files beside the model as well', () => {
    const model = sketch(`input x float32 [n]\n m = Greater(x, t)\n y = Where(m, x, z)\n output y float32`);
    const tensor = (value: number) => ({ dtype: 'float32', shape: [], data: Float32Array.of(value) }) as const;
    const beside = (name: string, value: number) => {
      const source = { folder: '.', data: () => tensor(value), chunks: () => [] };
      const content = { kind: 'external', location: 'w', offset: 0, length: 4, source } as const;
      return { ...initializer(name, tensor(value)), content };
    };
    const graph = { ...model.graph, initializers: [beside('t', 0.5), beside('z', 0)] };
    expect(readThresholds({ ...model, graph }).gates).toMatchObject([{ theta: 0.5 }]);
  });

  it('has the default of an input as θ', () => {
    const { gates } = read(
      'input t float32 []\n constant t float32 [] 0.25\n m = Greater(x, t)\n y = Where(m, x, zero)',
    );
    expect(gates).toMatchObject([{ theta: 0.25 }]);
  });
});

describe('comparisons', () => {
  it('are told as they stand in the graph, in order', () => {
    const { comparisons } = read(
      'a = Abs(x)\n k = LessOrEqual(theta, a)\n m = Greater(x, given)\n b = And(m, k)\n y = Where(b, x, zero)',
    );
    expect(comparisons.map(({ index, comparator, x, theta }) => [index, comparator, x, theta])).toEqual([
      [1, '<=', 'theta', 'a'],
      [2, '>', 'x', 'given'],
    ]);
  });

  it('are those of operators as well, with θ as a number', () => {
    const { comparisons } = read('h = ThresholdedRelu(x) alpha=0.25\n y = Shrink(h)');
    expect(comparisons).toMatchObject([
      { index: 0, comparator: '>', x: 'x', theta: 0.25, magnitude: false },
      { index: 1, comparator: '>', x: 'h', theta: 0.5, magnitude: true },
    ]);
  });

  it('count where they choose between two values, or become numbers, and silence nothing', () => {
    const nodes = 'm = Greater(x, theta)\n h = Where(m, x, one)\n k = Less(x, zero)\n c = Cast(k) to=1\n y = Add(h, c)';
    expect(read(nodes).gates).toEqual([]);
    expect(read(nodes).comparisons.map(({ index }) => index)).toEqual([0, 2]);
  });

  it('do not count where nothing goes by them', () => {
    expect(read('m = Greater(x, theta)\n y = Identity(x)').comparisons).toEqual([]);
  });

  it('are the same object for all that go by them', () => {
    const { gates } = read('m = Greater(x, theta)\n h = Where(m, x, zero)\n t = Tanh(x)\n y = Where(m, t, zero)');
    expect(gates).toHaveLength(2);
    expect(gates[0]?.comparisons[0]).toBe(gates[1]?.comparisons[0]);
  });
});

describe('in a function of the model', () => {
  const gate = sketchFunction(
    'here',
    'Gate',
    ['v', 't'],
    ['w'],
    'm = Greater(v, t)\n z = Sub(v, v)\n w = Where(m, v, z)',
  );

  it('a gate is found by its call, with the θ that the call gives', () => {
    const { gates, comparisons } = read('h = Relu(x)\n y = here:Gate(h, theta)', { functions: [gate] });
    const call = gates.find(({ output }) => output === 'y');
    expect(call).toMatchObject({
      kind: 'threshold',
      theta: 0.5,
      fires: 'above',
      compares: ['h'],
      passes: ['h'],
      index: 1,
      within: [],
    });
    // And inside, at its own place.
    expect(gates.find(({ output }) => output === 'w')).toMatchObject({ index: 2, within: [{ opType: 'Gate' }] });
    expect(comparisons.map(({ x, within }) => [x, within.length])).toEqual([['v', 1]]);
  });

  it('each call has its own', () => {
    const { gates } = read('h = here:Gate(x, theta)\n y = here:Gate(h, each)', { functions: [gate] });
    const calls = gates.filter(({ within }) => within.length === 0);
    expect(calls.map(({ theta }) => theta)).toEqual([0.5, [0.25, 0.5, 0.75]]);
  });

  it('attributes of the call are seen', () => {
    const body = sketchFunction('here', 'Above', ['v'], ['w'], 'w = ThresholdedRelu(v)');
    const [node] = body.nodes;
    const refers = { name: 'alpha', kind: 'reference', refName: 'limit', type: 'float' } as const;
    const above = {
      ...body,
      nodes: node === undefined ? [] : [{ ...node, attributes: [refers] }],
      attributeDefaults: [{ name: 'limit', kind: 'float', value: 0.25 } as const],
    };
    const { gates } = read('h = here:Above(x)\n y = here:Above(h) limit=0.5', { functions: [above] });
    expect(gates.filter(({ within }) => within.length === 0).map(({ theta }) => theta)).toEqual([0.25, 0.5]);
  });

  it('masks and zeros may be functions of their own, as exporters write them', () => {
    const functions = [
      sketchFunction('lib', 'gt', ['a', 'b'], ['c'], 'c = Greater(a, b)'),
      sketchFunction('lib', 'zeros_like', ['a'], ['b'], 's = Shape(a)\n b = ConstantOfShape(s)'),
      sketchFunction('lib', 'where', ['m', 'a', 'b'], ['c'], 'c = Where(m, a, b)'),
    ];
    const nodes = 'm = lib:gt(x, theta)\n z = lib:zeros_like(x)\n y = lib:where(m, x, z)';
    const { gates, comparisons } = read(nodes, { functions });
    expect(gates.filter(({ within }) => within.length === 0)).toMatchObject([
      { output: 'y', theta: 0.5, passes: ['x'] },
    ]);
    expect(comparisons).toMatchObject([{ node: { opType: 'Greater' }, within: [{ opType: 'gt' }] }]);
  });

  it('a call that only hands a gate through is none', () => {
    const same = sketchFunction('here', 'Same', ['v'], ['v'], '');
    const { gates } = read('h = Relu(x)\n y = here:Same(h)', { functions: [same] });
    expect(gates.map(({ output }) => output)).toEqual(['h']);
  });

  it('one that calls itself ends', () => {
    const endless = sketchFunction('here', 'Endless', ['v'], ['w'], 'h = Relu(v)\n w = here:Endless(h)');
    expect(() => read('y = here:Endless(x)', { functions: [endless] })).not.toThrow();
  });
});

describe('in bodies', () => {
  it.each(['If', 'Loop', 'Scan'])('of %s gates are found, and see what is around', (opType) => {
    const body = sketchGraph('m = Greater(x, theta)\n out = Where(m, x, zero)\n output out float32');
    const name = opType === 'If' ? 'then_branch' : 'body';
    const { gates, comparisons } = read(`y = ${opType}(valid) ${name}=@body`, { graphs: { body } });
    expect(gates).toMatchObject([{ output: 'out', theta: 0.5, passes: ['x'], index: 1, within: [{ opType }] }]);
    expect(gates[0]?.graph).toBe(body);
    expect(comparisons).toMatchObject([{ index: 0, x: 'x', theta: 'theta', within: [{ opType }] }]);
  });

  it('a mask may come from around them', () => {
    const body = sketchGraph('out = Where(m, x, zero)\n output out float32');
    const { gates, comparisons } = read('m = Greater(x, theta)\n y = If(valid) then_branch=@body', {
      graphs: { body },
    });
    expect(gates).toMatchObject([{ output: 'out', theta: 0.5 }]);
    expect(comparisons).toMatchObject([{ index: 0, within: [] }]);
  });

  it('what a loop carries along hides a name around it', () => {
    const body = sketchGraph(
      'input theta float32 []\n m = Greater(x, theta)\n out = Where(m, x, zero)\n output out float32',
    );
    const { gates } = read('y = Loop(valid) body=@body', { graphs: { body } });
    expect(gates).toMatchObject([{ theta: null }]);
  });
});

it('a graph in a circle ends', () => {
  const model: Model = sketch(
    'input x float32 []\n a = Not(b)\n b = Not(a)\n z = Neg(w)\n w = Neg(z)\n y = Where(a, x, z)\n output y float32',
  );
  expect(readThresholds(model)).toEqual({ gates: [], comparisons: [] });
});
