import { describe, expect, it } from 'vitest';
import { expectSameOutputs } from '../../test/compare-runs.js';
import { nodeLines, sketch, sketchFunction, sketchGraph } from '../../test/sketch.js';
import type { Attribute, LocalFunction, Model } from '../model/model.js';
import { inlineFunctions } from './inline-functions.js';

const HEAD = `
  input x float32 [4]
  constant half float32 [] 0.5
  output y float32 [4]`;
const model = (nodes: string, functions: readonly LocalFunction[]): Model =>
  sketch(`${HEAD}\n${nodes}`, { functions, opsets: { '': 21, here: 1 } });
const feeds = { x: { dtype: 'float32', shape: [4], data: Float32Array.of(-1, 0.25, 0.75, 2) } } as const;
const lines = (given: Model) => nodeLines(inlineFunctions(given).graph);
const same = (given: Model) => expectSameOutputs(given, inlineFunctions(given), feeds, 'bit-equal');
/** The function whose first node's attribute is what the call gives as `limit`. */
const withReference = (fn: LocalFunction, attribute: Attribute, byDefault?: number): LocalFunction => ({
  ...fn,
  nodes: fn.nodes.map((node, index) => (index === 0 ? { ...node, attributes: [attribute] } : node)),
  attributeNames: byDefault === undefined ? ['limit'] : [],
  attributeDefaults: byDefault === undefined ? [] : [{ name: 'limit', kind: 'float', value: byDefault }],
});

const gate = sketchFunction(
  'here',
  'Gate',
  ['v', 't'],
  ['w'],
  'm = Greater(v, t)\n z = Sub(v, v)\n w = Where(m, v, z)',
);

describe('calls of functions', () => {
  it('give way to the nodes of the function, inner values named after what the call gives', async () => {
    const given = model('y = here:Gate(x, half)', [gate]);
    expect(lines(given)).toEqual(['y/m = Greater(x, half)', 'y/z = Sub(x, x)', 'y = Where(y/m, x, y/z)']);
    await same(given);
  });

  it('give way at each call, and in other functions', async () => {
    const twice = sketchFunction('here', 'Twice', ['v', 't'], ['w'], 'h = here:Gate(v, t)\n w = here:Gate(h, t)');
    const nested = { ...twice, opsets: { '': 21, here: 1 } };
    const given = model('a = here:Twice(x, half)\n y = here:Gate(a, half)', [nested, gate]);
    expect(inlineFunctions(given).graph.nodes.map(({ opType }) => opType)).toEqual(
      Array(3).fill(['Greater', 'Sub', 'Where']).flat(),
    );
    await same(given);
  });

  it('do not take names that stand in the graph already', async () => {
    const given = model('y/m = Abs(x)\n h = here:Gate(x, half)\n y = here:Gate(h, y/m)', [gate]);
    const flat = inlineFunctions(given);
    const outputs = flat.graph.nodes.flatMap((node) => node.outputs);
    expect(new Set(outputs).size).toBe(outputs.length);
    await same(given);
  });

  it('take attributes from the call, or their defaults', async () => {
    const body = sketchFunction('here', 'Above', ['v'], ['w'], 'w = ThresholdedRelu(v)');
    const refers = { name: 'alpha', kind: 'reference', refName: 'limit', type: 'float' } as const;
    const given = model('h = here:Above(x)\n y = here:Above(h) limit=0.5', [withReference(body, refers, 0.25)]);
    expect(inlineFunctions(given).graph.nodes.map(({ attributes }) => attributes)).toMatchObject([
      [{ name: 'alpha', value: 0.25 }],
      [{ name: 'alpha', value: 0.5 }],
    ]);
    await same(given);
  });

  it('leave out an attribute that neither call nor function gives', () => {
    const body = sketchFunction('here', 'Above', ['v'], ['w'], 'w = ThresholdedRelu(v)');
    const refers = { name: 'alpha', kind: 'reference', refName: 'limit', type: 'float' } as const;
    const { graph } = inlineFunctions(model('y = here:Above(x)', [withReference(body, refers)]));
    expect(graph.nodes[0]?.attributes).toEqual([]);
  });

  it('leave out inputs that the call leaves out', async () => {
    const clip = sketchFunction('here', 'Within', ['v', 'low', 'high'], ['w'], 'w = Clip(v, low, high)');
    const given = model('y = here:Within(x, , half)', [clip]);
    expect(lines(given)).toEqual(['y = Clip(x, , half)']);
    await same(given);
  });

  it('hand through what is input and output, and what is given twice', async () => {
    const both = sketchFunction('here', 'Both', ['v'], ['w', 'v', 'w'], 'w = Abs(v)');
    const given = model('a, b, c = here:Both(x)\n s = Add(a, b)\n y = Add(s, c)', [both]);
    expect(lines(given).slice(0, 3)).toEqual(['a = Abs(x)', 'b = Identity(x)', 'c = Identity(a)']);
    // ONNX Runtime itself refuses such a function.
    const { graph } = inlineFunctions(given);
    const expected = sketch(`${HEAD}\n a = Abs(x)\n s = Add(a, x)\n y = Add(s, a)`);
    await expectSameOutputs(expected, { ...expected, graph }, feeds, 'bit-equal');
  });

  it('are found in branches, and captured values keep their meaning', async () => {
    const graphs = {
      taken: sketchGraph('out = here:Gate(x, half)\n output out float32'),
      other: sketchGraph('out = Neg(x)\n output out float32'),
    };
    const given = sketch(`${HEAD}\n constant yes bool [] 1\n y = If(yes) then_branch=@taken else_branch=@other`, {
      ...{ graphs, functions: [gate], opsets: { '': 21, here: 1 } },
    });
    const [branch] = inlineFunctions(given).graph.nodes[0]?.attributes ?? [];
    expect(branch?.kind === 'graph' && nodeLines(branch.value)).toEqual([
      'out/m = Greater(x, half)',
      'out/z = Sub(x, x)',
      'out = Where(out/m, x, out/z)',
    ]);
    await same(given);
  });

  it('with branches inside keep their names apart from those around the call', async () => {
    const graphs = {
      taken: sketchGraph('h = Neg(v)\n out = Add(h, v)\n output out float32'),
      other: sketchGraph('out = Abs(v)\n output out float32'),
    };
    const body = 'c = Constant() value_float=1.0\n b = Cast(c) to=9\n w = If(b) then_branch=@taken else_branch=@other';
    const choosing = {
      ...sketchFunction('here', 'Choose', ['v'], ['w'], ''),
      nodes: sketchGraph(body, { graphs }).nodes,
    };
    const given = model('h = here:Choose(x)\n out = here:Choose(h)\n y = Add(h, out)', [choosing]);
    const [branch] = inlineFunctions(given).graph.nodes[2]?.attributes ?? [];
    expect(branch?.kind === 'graph' && nodeLines(branch.value)).toEqual(['h/h = Neg(x)', 'h/out = Add(h/h, x)']);
    await same(given);
  });

  it('stay where an operator means something else in the version that the model imports', () => {
    const old = { ...sketchFunction('here', 'Old', ['v'], ['w'], 'w = Softmax(v)'), opsets: { '': 12 } };
    expect(lines(model('y = here:Old(x)', [old]))).toEqual(['y = Old(x)']);
  });

  it('give way where another version has the same operators, and imports come along', () => {
    const older = {
      ...sketchFunction('here', 'Older', ['v'], ['w'], 'w = ThresholdedRelu(v)'),
      opsets: { '': 19, far: 2 },
    };
    const flat = inlineFunctions(model('y = here:Older(x)', [older]));
    expect(nodeLines(flat.graph)).toEqual(['y = ThresholdedRelu(x)']);
    expect(flat.opsets).toEqual({ '': 21, here: 1, far: 2 });
  });

  it('that call themselves end', () => {
    const endless = sketchFunction('here', 'Endless', ['v'], ['w'], 'h = Relu(v)\n w = here:Endless(h)');
    const given = model('y = here:Endless(x)', [{ ...endless, opsets: { '': 21, here: 1 } }]);
    expect(inlineFunctions(given).graph.nodes.length).toBeGreaterThan(1);
  });

  it('are told apart by overload', () => {
    const one = sketchFunction('here', 'Act', ['v'], ['w'], 'w = Relu(v)');
    const other = { ...sketchFunction('here', 'Act', ['v'], ['w'], 'w = Abs(v)'), overload: 'b' };
    const given = model('h = here:Act(x)\n y = here:Act(h)', [one, other]);
    const nodes = given.graph.nodes.map((node, index) => (index === 1 ? { ...node, overload: 'b' } : node));
    expect(lines({ ...given, graph: { ...given.graph, nodes } })).toEqual(['h = Relu(x)', 'y = Abs(h)']);
  });

  it('a model without any is the same object', () => {
    const plain = sketch(`${HEAD}\n y = Relu(x)`);
    expect(inlineFunctions(plain)).toBe(plain);
  });
});
