import { describe, expect, it } from 'vitest';
import { expectSameOutputs, finite } from '../../../../test/compare-runs.js';
import { opTypes, sketch } from '../../../../test/sketch.js';
import { scalarAttribute } from '../../../analysis/node-attributes.js';
import { tensor } from '../../../tensor/index.js';
import { applyRules } from '../../apply-rules.js';
import { activationsToNames } from '../rule-sets.js';

const ERF = 'd = Div(x, root2)\n e = Erf(d)\n a = Add(e, one)';
const CUBE = 'p = Pow(x, three)\n q = Mul(p, k)\n s = Add(x, q)\n r = Mul(s, scale)\n t = Tanh(r)\n a = Add(one, t)';
const SHIFT = 'a = Add(x, three)';

const CASES: [form: string, named: string, nodes: string, opset: number][] = [
  ['PyTorch: (x * (1 + erf(x / √2))) * 0.5', 'Gelu', `${ERF}\n m = Mul(x, a)\n y = Mul(m, half)`, 20],
  ['the factor first: (0.5 * x) * (…)', 'Gelu', `${ERF}\n h = Mul(half, x)\n y = Mul(h, a)`, 20],
  ['the factor inside: x * (0.5 * (…))', 'Gelu', `${ERF}\n h = Mul(half, a)\n y = Mul(x, h)`, 20],
  ['divided by two', 'Gelu', `${ERF}\n m = Mul(a, x)\n y = Div(m, two)`, 20],
  [
    'multiplied by 1 / √2',
    'Gelu',
    'd = Mul(inverse, x)\n e = Erf(d)\n a = Add(one, e)\n m = Mul(x, a)\n y = Mul(m, half)',
    20,
  ],
  ['tanh with Pow', 'Gelu', `${CUBE}\n h = Mul(x, half)\n y = Mul(h, a)`, 20],
  [
    'tanh with x * x * x',
    'Gelu',
    'u = Mul(x, x)\n p = Mul(u, x)\n q = Mul(k, p)\n s = Add(q, x)\n r = Mul(scale, s)\n t = Tanh(r)\n a = Add(t, one)\n m = Mul(x, a)\n y = Mul(half, m)',
    20,
  ],
  [
    'tanh with x * (1 + k x²)',
    'Gelu',
    'u = Mul(x, x)\n q = Mul(k, u)\n s = Add(q, one)\n v = Mul(x, scale)\n r = Mul(v, s)\n t = Tanh(r)\n a = Add(t, one)\n m = Mul(x, half)\n y = Mul(m, a)',
    20,
  ],
  ['x * clip(x + 3, 0, 6) / 6', 'HardSwish', `${SHIFT}\n c = Clip(a, zero, six)\n m = Mul(x, c)\n y = Div(m, six)`, 14],
  [
    'x * (clip(x + 3, 0, 6) / 6)',
    'HardSwish',
    `${SHIFT}\n c = Clip(a, zero, six)\n m = Div(c, six)\n y = Mul(m, x)`,
    14,
  ],
  [
    'x * min(relu(x + 3), 6) * (1 / 6)',
    'HardSwish',
    `${SHIFT}\n r = Relu(a)\n c = Min(r, six)\n m = Mul(x, c)\n y = Mul(m, sixth)`,
    14,
  ],
  ['x * HardSigmoid(x)', 'HardSwish', 'h = HardSigmoid(x) alpha=0.16666667 beta=0.5\n y = Mul(x, h)', 14],
  ['x * sigmoid(x)', 'Swish', 's = Sigmoid(x)\n y = Mul(x, s)', 24],
  ['quick GELU: x * sigmoid(1.702 x)', 'Swish', 'v = Mul(x, quick)\n s = Sigmoid(v)\n y = Mul(x, s)', 24],
  ['x * tanh(softplus(x))', 'Mish', 's = Softplus(x)\n t = Tanh(s)\n y = Mul(x, t)', 18],
  ['x * tanh(log(1 + exp(x)))', 'Mish', 'e = Exp(x)\n a = Add(e, one)\n s = Log(a)\n t = Tanh(s)\n y = Mul(t, x)', 18],
  ['x / (1 + exp(-x))', 'Swish', 'n = Neg(x)\n e = Exp(n)\n a = Add(one, e)\n y = Div(x, a)', 24],
];

function model(nodes: string, opset: number) {
  return sketch(
    `input x float32 [n,4]
     constant root2 float32 [] 1.4142135381698608
     constant inverse float32 [] 0.70710678
     constant half float32 [] 0.5
     constant k float32 [] 0.044715
     constant scale float32 [] 0.7978845608
     constant quick float32 [] 1.702
     constant zero float32 [] 0
     constant one float32 [] 1
     constant two float32 [1] 2
     constant three float32 [] 3
     constant six float32 [] 6
     constant sixth float32 [] 0.16666667
     ${nodes}
     output y float32 [n,4]`,
    { opset },
  );
}

describe('an activation spelled out gets its name', () => {
  it.each(CASES)('%s is %s', async (_, named, nodes, opset) => {
    const before = model(nodes, opset);
    const { model: after, applied } = applyRules(before, activationsToNames);
    expect(opTypes(after)).toEqual([named]);
    const rule = activationsToNames.find(({ name }) => name === applied[0].rule);
    if (rule === undefined) throw new Error(applied[0].rule);
    const values = [...finite(252), 0, -0, Number.NaN, Infinity];
    await expectSameOutputs(before, after, { x: tensor('float32', [64, 4], Float32Array.from(values)) }, rule.bound);
  });

  it('keeps the factor of quick GELU', () => {
    const { model: after } = applyRules(model(CASES[13][2], 24), activationsToNames);
    expect(scalarAttribute(after.graph.nodes[0], 'alpha')).toBeCloseTo(1.702, 6);
  });

  it.each([
    [
      'another factor',
      'd = Div(x, two)\n e = Erf(d)\n a = Add(e, one)\n m = Mul(x, a)\n y = Mul(m, half)',
      '0.5, not 0.707',
    ],
    [
      'another argument',
      'z = Neg(x)\n d = Div(z, root2)\n e = Erf(d)\n a = Add(e, one)\n m = Mul(x, a)\n y = Mul(m, half)',
      "'x' and 'z'",
    ],
  ])('not with %s', (_, nodes, reason) => {
    const { applied, rejected } = applyRules(model(nodes, 21), activationsToNames);
    expect(applied).toEqual([]);
    expect(rejected.find(({ rule }) => rule === 'gelu-erf')?.reason).toContain(reason);
  });

  it('not where a constant with dimensions would widen a result of unknown rank', () => {
    const text = 'v = Mul(x, wide)\n s = Sigmoid(v)\n y = Mul(x, s)';
    const widened = sketch(`input x float32\n constant wide float32 [1,1,1] 2\n ${text}\n output y float32`, {
      opset: 24,
    });
    const { applied, rejected } = applyRules(widened, activationsToNames);
    expect(applied).toEqual([]);
    expect(rejected[0]).toMatchObject({ rule: 'silu', condition: 'constants do not widen the result' });
  });
});
