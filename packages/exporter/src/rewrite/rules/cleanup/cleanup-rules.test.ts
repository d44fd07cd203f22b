import { describe, expect, it } from 'vitest';
import { expectSameOutputs, finite, SPECIAL } from '../../../../test/compare-runs.js';
import { nodeLines, opTypes, sketch } from '../../../../test/sketch.js';
import { tensor } from '../../../tensor/index.js';
import { applyRules } from '../../apply-rules.js';
import { cleanup } from '../rule-sets.js';
import { constantFolding } from './constant-folding.js';
import { deadCode } from './dead-code.js';

function model(nodes: string) {
  return sketch(
    `input x float32 [2,3,4]
     constant one float32 [] 1
     constant two float32 [] 2
     constant zero float32 [] 0
     constant no bool [] 0
     constant ints int64 [3] 4 3 2
     constant index int64 [] 1
     constant row int64 [1] 1
     constant axis int64 [1] 0
     ${nodes}
     output y float32`,
  );
}

const x = tensor('float32', [2, 3, 4], Float32Array.from([...SPECIAL.slice(0, 24)]));

const NOTHING: [string, string, string[]][] = [
  ['Identity', 'i = Identity(x)\n y = Neg(i)', ['Neg']],
  ['a chain of identities', 'i = Identity(x)\n j = Identity(i)\n k = Identity(j)\n y = Neg(k)', ['Neg']],
  ['Identity before an output', 'n = Neg(x)\n y = Identity(n)', ['Neg']],
  ['Dropout', 'd = Dropout(x)\n y = Neg(d)', ['Neg']],
  ['Dropout told not to train', 'd = Dropout(x, zero, no)\n y = Neg(d)', ['Neg']],
  ['Cast to the same type', 'n = Neg(x)\n y = Cast(n) to=1', ['Neg']],
  ['Transpose to the same order', 't = Transpose(x) perm=[0,1,2]\n y = Neg(t)', ['Neg']],
  ['times one', 'm = Mul(one, x)\n y = Abs(m)', ['Abs']],
  ['divided by one', 'm = Div(x, one)\n y = Abs(m)', ['Abs']],
  ['minus zero', 'm = Sub(x, zero)\n y = Abs(m)', ['Abs']],
  ['Relu of Relu', 'a = Relu(x)\n b = Relu(a)\n y = Neg(b)', ['Relu', 'Neg']],
  ['Neg of Neg', 'a = Neg(x)\n b = Neg(a)\n y = Abs(b)', ['Abs']],
  ['Concat of one', 'c = Concat(x) axis=0\n y = Abs(c)', ['Abs']],
  ['nodes nobody reads', 'd = Exp(x)\n e = Log(d)\n y = Abs(x)', ['Abs']],
];

describe('what does nothing goes', () => {
  it.each(NOTHING)('%s', async (_, nodes, after) => {
    const before = model(nodes);
    const result = applyRules(before, cleanup);
    expect(opTypes(result.model)).toEqual(after);
    expect(result.model.graph.initializers).toEqual([]);
    await expectSameOutputs(before, result.model, { x }, 'bit-equal');
  });

  it.each([
    ['plus zero, which turns -0 into +0', 'm = Add(x, zero)\n y = Abs(m)', ['Add', 'Abs']],
    ['minus one from one', 'm = Sub(x, one)\n y = Abs(m)', ['Sub', 'Abs']],
    ['a Transpose that moves axes', 't = Transpose(x)\n y = Neg(t)', ['Transpose', 'Neg']],
    ['Identity from graph input to graph output', 'y = Identity(x)', ['Identity']],
    [
      'a Dropout whose mask is read',
      'd, m = Dropout(x)\n c = Cast(m) to=1\n y = Mul(d, c)',
      ['Dropout', 'Cast', 'Mul'],
    ],
  ])('but not %s', (_, nodes, after) => {
    expect(opTypes(applyRules(model(nodes), cleanup).model)).toEqual(after);
  });

  it('two outputs of one value keep a node each', async () => {
    const before = sketch(
      `input x float32 [4]\n n = Neg(x)\n y = Identity(n)\n z = Identity(n)\n output y float32 [4]\n output z float32 [4]`,
    );
    const { model: after } = applyRules(before, cleanup);
    expect(nodeLines(after.graph)).toEqual(['y = Neg(x)', 'z = Identity(y)']);
    await expectSameOutputs(before, after, { x: tensor('float32', [4], Float32Array.from(finite(4))) }, 'bit-equal');
  });

  it('an initializer nobody reads goes, a default of a graph input stays', () => {
    const before = sketch(
      'input x float32 []\n input w float32 []\n constant w float32 [] 1\n constant u float32 [] 1\n y = Neg(x)\n output y float32 []',
    );
    const { model: after } = applyRules(before, [deadCode]);
    expect(after.graph.initializers.map(({ name }) => name)).toEqual(['w']);
  });
});

/** Each computes something from constants and adds it to x, so that the folded value shows in the output. */
const FOLDED: [string, string][] = [
  ['Add', 'c = Add(one, two)'],
  ['float arithmetic', 'a = Div(one, two)\n b = Sub(a, two)\n d = Mul(b, b)\n e = Sqrt(d)\n c = Reciprocal(e)'],
  ['integer arithmetic', 'a = Mul(ints, ints)\n b = Gather(a, index)\n c = Cast(b) to=1'],
  ['integer division', 'a = Neg(ints)\n b = Div(a, index)\n d = Gather(b, row)\n c = Cast(d) to=1'],
  ['comparison and choice', 'a = Greater(two, one)\n b = Not(a)\n c = Where(b, one, two)'],
  ['equality of integers', 'a = Equal(ints, row)\n b = Cast(a) to=1\n c = Gather(b, index)'],
  ['the shape of x', 's = Shape(x)\n g = Gather(s, index)\n c = Cast(g) to=1'],
  ['part of the shape of x', 's = Shape(x) start=-2 end=3\n g = Gather(s, index)\n c = Cast(g) to=1'],
  ['the size of x', 's = Size(x)\n c = Cast(s) to=1'],
  [
    'Concat, Unsqueeze, Squeeze',
    'u = Unsqueeze(index, axis)\n v = Concat(u, ints) axis=0\n g = Gather(v, row)\n q = Squeeze(g)\n c = Cast(q) to=1',
  ],
  ['Slice', 's = Slice(ints, axis, row)\n c = Cast(s) to=1'],
  ['ConstantOfShape and Expand', 'a = ConstantOfShape(row)\n b = Expand(a, row)\n d = Add(b, two)\n c = Identity(d)'],
  [
    'Reshape and Transpose',
    'a = Concat(ints, ints) axis=0\n d = Slice(a, axis, end)\n r = Reshape(d, shape)\n t = Transpose(r)\n f = Flatten(t) axis=0\n g = Gather(f, index) axis=1\n c = Cast(g) to=1',
  ],
  ['Range', 'a = Range(index, four, index)\n g = Gather(a, index)\n c = Cast(g) to=1'],
];

describe('constants are computed', () => {
  it.each(FOLDED)('%s', async (_, nodes) => {
    const before = model(`${nodes}\n y = Add(x, c)`);
    const extra = sketch('constant shape int64 [2] 2 2\n constant end int64 [1] 4\n constant four int64 [] 4\n').graph
      .initializers;
    const whole = { ...before, graph: { ...before.graph, initializers: [...before.graph.initializers, ...extra] } };
    const { model: after } = applyRules(whole, cleanup);
    expect(opTypes(after)).toEqual(['Add']);
    await expectSameOutputs(whole, after, { x }, 'bit-equal');
  });

  it('stops at the byte limit', () => {
    const before = model('s = ConstantOfShape(ints)\n y = Add(x, s)');
    const { model: after } = applyRules(before, [constantFolding({ maxBytes: 95 })]);
    expect(opTypes(after)).toEqual(['ConstantOfShape', 'Add']);
    expect(opTypes(applyRules(before, [constantFolding({ maxBytes: 96 })]).model)).toEqual(['Add']);
  });

  it.each([
    ['a library function', 'c = Exp(two)'],
    ['an integer division by zero', 'z = Sub(index, index)\n d = Div(index, z)\n c = Cast(d) to=1'],
    ['a cast out of range', 'b = Mul(two, huge)\n d = Cast(b) to=6\n c = Cast(d) to=1'],
  ])('leaves %s to the runtime', (_, nodes) => {
    const before = model(`constant huge float32 [] 1e30\n ${nodes}\n y = Add(x, c)`);
    expect(opTypes(applyRules(before, cleanup).model).length).toBeGreaterThan(1);
  });
});
