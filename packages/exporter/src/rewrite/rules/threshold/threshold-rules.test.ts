import { describe, expect, it } from 'vitest';
import { expectSameOutputs, finite, SPECIAL } from '../../../../test/compare-runs.js';
import { opTypes, sketch } from '../../../../test/sketch.js';
import { type DType, tensor } from '../../../tensor/index.js';
import { applyRules } from '../../apply-rules.js';
import type { PatternRule } from '../../rule.js';
import { activationsToNames, cleanup, thresholdsToSingleOps, thresholdsToWhere } from '../rule-sets.js';
import * as rules from './index.js';

interface Case {
  readonly form: string;
  readonly rule: PatternRule;
  readonly nodes: string;
  readonly after: readonly string[];
  readonly opset?: number;
}

const CASES: readonly Case[] = [
  {
    form: 'x times the cast comparison',
    rule: rules.multiplyByMask,
    nodes: 'm = Greater(x, theta)\n c = Cast(m) to=1\n y = Mul(x, c)',
    after: ['Greater', 'Where'],
  },
  {
    form: 'the cast comparison times another value',
    rule: rules.multiplyByMask,
    nodes: 'e = Tanh(x)\n m = Greater(x, theta)\n c = Cast(m) to=1\n y = Mul(c, e)',
    after: ['Tanh', 'Greater', 'Where'],
  },
  {
    form: 'the cast negation of a comparison',
    rule: rules.multiplyByMask,
    nodes: 'l = LessOrEqual(x, theta)\n m = Not(l)\n c = Cast(m) to=1\n y = Mul(x, c)',
    after: ['LessOrEqual', 'Not', 'Where'],
  },
  {
    form: 'a sum with 1 - mask',
    rule: rules.selectByArithmetic,
    nodes: `m = Greater(x, theta)\n c = Cast(m) to=1\n n = Sub(one, c)\n a = Mul(c, x)\n b = Mul(n, half)\n y = Add(a, b)`,
    after: ['Greater', 'Where'],
  },
  {
    form: 'a sum with the cast negation',
    rule: rules.selectByArithmetic,
    nodes: `m = Greater(x, theta)\n k = Not(m)\n c = Cast(m) to=1\n n = Cast(k) to=1\n a = Mul(x, c)\n b = Mul(half, n)\n y = Add(b, a)`,
    after: ['Greater', 'Where'],
  },
  {
    form: 'a negated condition',
    rule: rules.swappedBranches,
    nodes: 'm = Greater(x, theta)\n n = Not(m)\n y = Where(n, zero, x)',
    after: ['Greater', 'Where'],
  },
  {
    form: 'theta on the left',
    rule: rules.flippedComparison,
    nodes: 'm = Less(theta, x)\n y = Where(m, x, zero)',
    after: ['Greater', 'Where'],
  },
  {
    form: 'the silent case first',
    rule: rules.silentFirst,
    nodes: 'm = LessOrEqual(x, theta)\n y = Where(m, zero, x)',
    after: ['Greater', 'Where'],
  },
  {
    form: 'the silent case first, with less',
    rule: rules.silentFirst,
    nodes: 'm = Less(x, theta)\n y = Where(m, zero, x)',
    after: ['GreaterOrEqual', 'Where'],
  },
  {
    form: 'a clipped sign',
    rule: rules.signMask,
    nodes: 'd = Sub(x, theta)\n s = Sign(d)\n c = Clip(s, zero, one)\n y = Mul(x, c)',
    after: ['Greater', 'Where'],
  },
  {
    form: 'a rectified sign',
    rule: rules.signMask,
    nodes: 'd = Sub(x, theta)\n s = Sign(d)\n c = Relu(s)\n y = Mul(c, x)',
    after: ['Greater', 'Where'],
  },
  {
    form: 'Clip from zero',
    rule: rules.clipAsRelu,
    nodes: 'y = Clip(x, zero)',
    after: ['Relu'],
  },
  { form: 'Max with zero', rule: rules.clipAsRelu, nodes: 'y = Max(x, zero)', after: ['Relu'] },
  {
    form: 'Relu of what passes',
    rule: rules.reluInThreshold,
    nodes: 'm = Greater(x, theta)\n r = Relu(x)\n y = Where(m, r, zero)',
    after: ['Greater', 'Where'],
  },
  {
    form: 'Relu before the threshold',
    rule: rules.reluInThreshold,
    nodes: 'r = Relu(x)\n m = Greater(r, theta)\n y = Where(m, r, zero)',
    after: ['Greater', 'Where'],
  },
  {
    form: 'Relu before a threshold with >=',
    rule: rules.reluInThreshold,
    nodes: 'r = Relu(x)\n m = GreaterOrEqual(r, theta)\n y = Where(m, r, zero)',
    after: ['GreaterOrEqual', 'Where'],
  },
  {
    form: 'Relu behind the threshold',
    rule: rules.reluAfterThreshold,
    nodes: 'm = Greater(x, theta)\n w = Where(m, x, zero)\n y = Relu(w)',
    after: ['Greater', 'Where'],
  },
  {
    form: 'Relu under a negative threshold',
    rule: rules.reluUnderNegativeThreshold,
    nodes: 'm = Greater(x, below)\n r = Relu(x)\n y = Where(m, r, zero)',
    after: ['Greater', 'Where'],
  },
  {
    form: 'ThresholdedRelu',
    rule: rules.thresholdedReluToWhere,
    nodes: 'y = ThresholdedRelu(x) alpha=0.25',
    after: ['Greater', 'Where'],
  },
  {
    form: 'Relu before ThresholdedRelu',
    rule: rules.reluAtThresholdedRelu,
    nodes: 'r = Relu(x)\n y = ThresholdedRelu(r) alpha=0.25',
    after: ['ThresholdedRelu'],
  },
  {
    form: 'Relu behind ThresholdedRelu',
    rule: rules.reluAtThresholdedRelu,
    nodes: 't = ThresholdedRelu(x) alpha=0.25\n y = Relu(t)',
    after: ['ThresholdedRelu'],
  },
  {
    form: 'the canonical form',
    rule: rules.whereToThresholdedRelu,
    nodes: 'm = Greater(x, theta)\n y = Where(m, x, zero)',
    after: ['ThresholdedRelu'],
  },
  {
    form: 'Shrink without bias',
    rule: rules.shrinkToWhere,
    nodes: 'y = Shrink(x) lambd=0.25',
    after: ['Abs', 'Greater', 'Where'],
  },
  {
    form: 'the canonical magnitude gate',
    rule: rules.whereToShrink,
    nodes: 'a = Abs(x)\n m = Greater(a, theta)\n y = Where(m, x, zero)',
    after: ['Shrink'],
  },
];

function model({ nodes, opset = 21 }: Pick<Case, 'nodes' | 'opset'>, dtype: DType = 'float32') {
  return sketch(
    `input x ${dtype} [n,4]
     constant theta ${dtype} [] 0.25
     constant below ${dtype} [] -0.25
     constant zero ${dtype} [] 0
     constant one ${dtype} [] 1
     constant half ${dtype} [] 0.5
     ${nodes}
     output y ${dtype} [n,4]`,
    { opset },
  );
}

function feeds(values: readonly number[]) {
  return { x: tensor('float32', [values.length / 4, 4], Float32Array.from(values)) };
}

describe('each spelling of a threshold', () => {
  it.each(CASES)('$rule.name: $form', async ({ rule, nodes, after, opset }) => {
    const before = model({ nodes, ...(opset === undefined ? {} : { opset }) });
    const result = applyRules(before, [rule]);
    expect(opTypes(result.model)).toEqual(after);
    expect(result.applied.map((entry) => entry.rule)).toEqual([rule.name]);
    expect(result.model.graph.outputs).toEqual(before.graph.outputs);
    const values = rule.bound === 'bit-equal' ? [...SPECIAL, ...finite(64)] : finite(64, 2);
    await expectSameOutputs(
      before,
      result.model,
      feeds(values.slice(0, values.length - (values.length % 4))),
      rule.bound,
    );
  });

  it.each(CASES)('$form: all rules together reach the canonical form or stay', ({ nodes }) => {
    const { model: canonical } = applyRules(model({ nodes }), [...thresholdsToWhere, ...cleanup]);
    const spelled = opTypes(canonical).filter((opType) =>
      ['Cast', 'Mul', 'Not', 'Sign', 'Less', 'LessOrEqual'].includes(opType),
    );
    expect(spelled).toEqual([]);
  });
});

describe('exceptions that a rule states', () => {
  it('multiply-by-mask: a silent NaN becomes 0', async () => {
    const before = model({ nodes: 'm = Greater(x, theta)\n c = Cast(m) to=1\n y = Mul(x, c)' });
    const { model: after } = applyRules(before, [rules.multiplyByMask]);
    const nan = feeds([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    await expectSameOutputs(before, before, nan, 'bit-equal');
    await expect(expectSameOutputs(before, after, nan, 'bit-equal')).rejects.toThrow('NaN → 0');
  });
});

describe('a rule says why it does not apply', () => {
  const reasons: [string, string, PatternRule, string][] = [
    ['theta is below zero', 'm = Greater(x, below)\n y = Where(m, x, zero)', rules.whereToThresholdedRelu, 'below 0'],
    [
      'the silent value is not 0',
      'm = Greater(x, theta)\n y = Where(m, x, one)',
      rules.whereToThresholdedRelu,
      'not 0',
    ],
    [
      'another value is compared',
      'e = Neg(x)\n m = Greater(e, theta)\n y = Where(m, x, zero)',
      rules.whereToThresholdedRelu,
      "'e' and 'x'",
    ],
    [
      '>= at zero',
      'r = Relu(x)\n m = GreaterOrEqual(r, zero)\n y = Where(m, r, zero)',
      rules.reluInThreshold,
      'lets -0 pass',
    ],
    [
      'an inner value is read twice',
      'r = Relu(x)\n m = Greater(r, theta)\n w = Where(m, r, zero)\n y = Add(w, r)',
      rules.reluInThreshold,
      "'r' is also read by Add_y",
    ],
    ['alpha is below zero', 'y = ThresholdedRelu(x) alpha=-0.25', rules.thresholdedReluToWhere, 'below 0'],
    [
      'theta is computed',
      't = Abs(x)\n m = Greater(x, t)\n y = Where(m, x, zero)',
      rules.whereToThresholdedRelu,
      'computed by Abs',
    ],
  ];
  it.each(reasons)('%s', (_, nodes, rule, reason) => {
    const before = model({ nodes });
    const { model: after, applied, rejected } = applyRules(before, [rule]);
    expect(applied).toEqual([]);
    expect(rejected[0]).toMatchObject({ rule: rule.name, reason: expect.stringContaining(reason) });
    expect(after).toBe(before);
  });

  it('the opset is too old', () => {
    const { rejected } = applyRules(model({ nodes: 's = Sigmoid(x)\n y = Mul(x, s)' }), activationsToNames);
    expect(rejected).toContainEqual({
      rule: 'silu',
      node: 'Mul_y',
      condition: 'opset 24 or newer',
      reason: 'the model imports opset 21',
    });
  });
});

describe('there and back', () => {
  it('thresholds to single operators and back to the canonical form', async () => {
    const before = model({ nodes: 'm = Greater(x, theta)\n y = Where(m, x, zero)' });
    const { model: single } = applyRules(before, thresholdsToSingleOps);
    expect(opTypes(single)).toEqual(['ThresholdedRelu']);
    const { model: again } = applyRules(single, thresholdsToWhere);
    expect(opTypes(again)).toEqual(['Greater', 'Where']);
    await expectSameOutputs(before, again, feeds(SPECIAL.slice(0, 28)), 'bit-equal');
  });

  it('refuses rules that undo each other instead of running for ever', () => {
    const before = model({ nodes: 'm = Greater(x, theta)\n y = Where(m, x, zero)' });
    expect(() => applyRules(before, [...thresholdsToWhere, ...thresholdsToSingleOps])).toThrow('undo each other');
  });
});
