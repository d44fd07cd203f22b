import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectSameOutputs, finite } from '../../test/compare-runs.js';
import { nodeLines, opTypes, sketch, sketchFunction, sketchGraph } from '../../test/sketch.js';
import { subgraphsOf } from '../analysis/reads.js';
import { checkModel } from '../check/check-model.js';
import type { Model } from '../model/model.js';
import { tensor } from '../tensor/index.js';
import { applyRules } from './apply-rules.js';
import { atLeastZero, single } from './conditions.js';
import { any, constant, op, optional } from './pattern.js';
import { rule } from './rule.js';
import { cleanup, multiplyByMask, thresholdsToSingleOps, thresholdsToWhere } from './rules/index.js';
import { whyNot } from './why-not.js';

const GATE = 'm = Greater(x, theta)\n c = Cast(m) to=1\n y = Mul(x, c)';

const softplus = rule({
  name: 'softplus',
  pattern: op('Log', [
    op('Add', [
      constant(
        'one',
        single((value) => value === 1 || `is ${value}`),
      ),
      op('Exp', [any('x')]),
    ]),
  ]),
  requires: 'log(1 + exp(x))',
  ensures: 'Softplus(x)',
  bound: { absolute: 1e-6, relative: 1e-5, except: 'exp(x) no longer overflows' },
  replace: (match, build) => build.op('Softplus', [match.value('x')]),
});

describe('a rule of one’s own', () => {
  const before = sketch(
    'input x float32 [n]\n constant one float32 [] 1\n e = Exp(x)\n a = Add(e, one)\n y = Log(a)\n output y float32 [n]',
  );

  it('replaces what its pattern matches and takes unused constants along', async () => {
    const { model, applied } = applyRules(before, [softplus]);
    expect(nodeLines(model.graph)).toEqual(['y = Softplus(x)']);
    expect(model.graph.initializers).toEqual([]);
    expect(applied).toEqual([{ rule: 'softplus', node: 'Log_y' }]);
    await expectSameOutputs(before, model, { x: tensor('float32', [9], Float32Array.from(finite(9))) }, softplus.bound);
  });

  it('leaves the given model as it was', () => {
    const copy = structuredClone(nodeLines(before.graph));
    applyRules(before, [softplus]);
    expect(nodeLines(before.graph)).toEqual(copy);
  });

  it('answers the very same model where nothing applies', () => {
    expect(applyRules(before, [multiplyByMask]).model).toBe(before);
  });

  it('matches optional inputs and several outputs', () => {
    const model = sketch(
      `input x float32 [4]
       constant low float32 [] 0
       a = Clip(x, low)
       b = Clip(x, , low)
       v, i = TopK(x, k)
       constant k int64 [1] 2
       output a float32 [4]
       output b float32 [4]
       output v float32 [2]
       output i int64 [2]`,
    );
    const clip = op('Clip', [any('x'), optional(constant('low')), optional(constant('high'))]);
    const limits = rule({
      ...softplus,
      name: 'limits',
      pattern: clip,
      when: (match) => !match.has('high') || 'it has an upper limit',
      replace: (match, build) => build.op('Relu', [match.value('x')]),
    });
    const { model: after, rejected } = applyRules(model, [limits]);
    expect(nodeLines(after.graph).slice(0, 2)).toEqual(['a = Relu(x)', 'b = Clip(x, , low)']);
    expect(rejected).toEqual([
      { rule: 'limits', node: 'Clip_b', condition: 'log(1 + exp(x))', reason: 'it has an upper limit' },
    ]);

    const topK = rule({
      ...softplus,
      name: 'both outputs',
      pattern: op('TopK', [any('x'), any('k')]),
      replace: (match, build) => build.ops('TopK', [match.value('x'), match.value('k')], 2),
      when: (match) => (match.root.attributes.length === 0 && !match.root.name.includes('/')) || 'done already',
    });
    expect(nodeLines(applyRules(model, [topK]).model.graph).at(-1)).toBe('v, i = TopK(x, k)');
  });
});

describe('inner values', () => {
  it.each([
    ['read elsewhere', 'z = Neg(c)', 'output z float32 [n]', "'c' is also read by Neg_z (Neg)"],
    ['a graph output', '', 'output c float32 [n]', "'c' is a graph output"],
  ])('%s keep the rule away', (_, node, output, reason) => {
    const model = sketch(
      `input x float32 [n]\n constant theta float32 [] 0.5\n ${GATE}\n ${node}\n output y float32 [n]\n ${output}`,
    );
    const { model: after, rejected } = applyRules(model, [multiplyByMask]);
    expect(after).toBe(model);
    expect(rejected).toEqual([
      { rule: 'multiply-by-mask', node: 'Cast_c', condition: 'inner values are used nowhere else', reason },
    ]);
  });

  it('may be read elsewhere where the replacement keeps them', () => {
    const model = sketch(
      `input x float32 [n]\n constant theta float32 [] 0.5\n ${GATE}\n output y float32 [n]\n output m bool [n]`,
    );
    expect(opTypes(applyRules(model, [multiplyByMask]).model)).toEqual(['Greater', 'Where']);
  });
});

describe('subgraphs', () => {
  const branch = (nodes: string) => sketchGraph(`${nodes}\n output r float32`);
  const model = sketch(
    `input x float32 [n]
     input b bool []
     constant theta float32 [] 0.5
     constant one float32 [] 1
     outer = Identity(x)
     y = If(b) then_branch=@gate else_branch=@plain
     output y float32 [n]`,
    {
      graphs: {
        gate: branch('m = Greater(outer, theta)\n c = Cast(m) to=1\n r = Mul(outer, c)'),
        plain: branch('i = Identity(outer)\n r = Mul(i, one)'),
      },
    },
  );
  const feeds = (b: number) => ({
    x: tensor('float32', [9], Float32Array.from(finite(9))),
    b: { dtype: 'bool', shape: [], data: Uint8Array.of(b) } as const,
  });

  it('are rewritten with what they capture from outside', async () => {
    const { model: after } = applyRules(model, [...thresholdsToWhere, ...cleanup]);
    const [gate, plain] = subgraphsOf(after.graph.nodes[0]);
    expect(nodeLines(gate)).toEqual(['m = Greater(x, theta)', 'r = Where(m, x, r/constant)']);
    // Without Mul the output would be an outer value, with no node of its own.
    expect(nodeLines(plain)).toEqual(['r = Mul(x, one)']);
    for (const b of [0, 1]) await expectSameOutputs(model, after, feeds(b), { absolute: 0, relative: 0, except: null });
  });

  it('keep what only they read from being removed', () => {
    const { model: after } = applyRules(model, cleanup);
    expect(after.graph.initializers.map(({ name }) => name)).toEqual(['theta', 'one']);
  });
});

describe('local functions', () => {
  it('are rewritten, their new constants as nodes', async () => {
    const gate = sketchFunction('local', 'Gate', ['x'], ['y'], `constant theta float32 [] 0.5\n ${GATE}`);
    const before = sketch('input x float32 [9]\n z = local:Gate(x)\n output z float32 [9]', {
      opsets: { '': 21, local: 1 },
      functions: [gate],
    });
    const { model: after } = applyRules(before, thresholdsToWhere);
    expect(after.functions[0].nodes.map(({ opType }) => opType)).toEqual(['Constant', 'Constant', 'Greater', 'Where']);
    const x = tensor('float32', [9], Float32Array.from(finite(9)));
    await expectSameOutputs(before, after, { x }, { absolute: 0, relative: 0, except: null });
  });
});

/** Random graphs of activations and thresholds in all spellings, over a few values, some of them outputs. */
const FORMS: readonly ((y: string, x: string, z: string) => string)[] = [
  (y, x) => `${y}m = Greater(${x}, theta)\n ${y}c = Cast(${y}m) to=1\n ${y} = Mul(${x}, ${y}c)`,
  (y, x) => `${y}m = LessOrEqual(${x}, theta)\n ${y} = Where(${y}m, zero, ${x})`,
  (y, x) => `${y}m = Less(theta, ${x})\n ${y}n = Not(${y}m)\n ${y} = Where(${y}n, zero, ${x})`,
  (y, x) => `${y}r = Relu(${x})\n ${y}m = Greater(${y}r, theta)\n ${y} = Where(${y}m, ${y}r, zero)`,
  (y, x) => `${y} = ThresholdedRelu(${x}) alpha=0.25`,
  (y, x) => `${y} = Shrink(${x}) lambd=0.25`,
  (y, x) => `${y}i = Identity(${x})\n ${y} = Mul(${y}i, one)`,
  (y, x) => `${y}d = Exp(${x})\n ${y} = Tanh(${x})`,
  (y, x, z) => `${y} = Add(${x}, ${z})`,
  (y, x, z) => `${y} = Sub(${x}, ${z})`,
  (y, x, z) =>
    `${y}m = Greater(${x}, theta)\n ${y}c = Cast(${y}m) to=1\n ${y}u = Sub(one, ${y}c)\n ${y}a = Mul(${x}, ${y}c)\n ${y}b = Mul(${z}, ${y}u)\n ${y} = Add(${y}a, ${y}b)`,
];

const randomModel: fc.Arbitrary<Model> = fc
  .array(fc.record({ form: fc.nat(FORMS.length - 1), x: fc.nat(), z: fc.nat(), shown: fc.boolean() }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((steps) => {
    const names = ['x'];
    const lines = steps.map(({ form, x, z }, index) => {
      const name = `v${index}`;
      const line = FORMS[form](name, names[x % names.length], names[z % names.length]);
      names.push(name);
      return line;
    });
    const shown = steps.flatMap((step, index) =>
      step.shown || index === steps.length - 1 ? [`output v${index} float32`] : [],
    );
    return sketch(
      `input x float32 [n]\n constant theta float32 [] 0.25\n constant zero float32 [] 0\n constant one float32 [] 1\n ${lines.join('\n')}\n ${shown.join('\n')}`,
    );
  });

describe('random graphs', () => {
  // Where operands overflow, an unselected infinity may vanish; the inputs are ordinary numbers.
  const x = tensor('float32', [33], Float32Array.from(finite(33, 2)));

  it.each([
    ['to the canonical form', [...thresholdsToWhere, ...cleanup]],
    ['to single operators', [...thresholdsToSingleOps, ...cleanup]],
  ])('give the original’s outputs when rewritten %s', async (_, rules) => {
    await fc.assert(
      fc.asyncProperty(randomModel, async (before) => {
        const { model: after, applied } = applyRules(before, rules);
        expect(after.graph.outputs).toEqual(before.graph.outputs);
        expect(checkModel(after)).toEqual([]);
        expect(new Set(applied.map((entry) => entry.rule)).size).toBeLessThanOrEqual(rules.length);
        await expectSameOutputs(before, after, { x }, { absolute: 0, relative: 0, except: 'the sign of zero' });
      }),
      { numRuns: 60 },
    );
  });
});

describe('whyNot', () => {
  const model = sketch(
    `input x float32 [n]\n constant theta float32 [] 0.5\n ${GATE}\n z = Exp(y)\n output z float32 [n]`,
  );

  it('says of any node what it lacks', () => {
    expect(whyNot(model, multiplyByMask, 'Mul_y')).toBeNull();
    expect(whyNot(model, multiplyByMask, 'z')).toMatchObject({ node: 'Exp_z', reason: 'it is Exp' });
    expect(whyNot(model, softplus, 'Exp_z')?.condition).toContain('Log(Add(one, Exp(x)))');
    expect(() => whyNot(model, softplus, 'nowhere')).toThrow("no node 'nowhere'");
  });
});

it('conditions say what they found', () => {
  expect(single(atLeastZero)({ dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) })).toBe(
    'has 2 elements, not one',
  );
  expect(single(atLeastZero)({ dtype: 'float16', shape: [], data: Uint16Array.of(0xbc00) })).toBe(
    'is -1, which is below 0',
  );
});
