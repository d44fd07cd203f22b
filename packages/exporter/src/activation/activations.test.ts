import { describe, expect, it } from 'vitest';
import { runOnCpu } from '../../test/run-on-cpu.js';
import { buildModel, input } from '../builder/index.js';
import { tensor } from '../tensor/index.js';
import {
  ACTIVATIONS,
  type ActivationName,
  applyActivation,
  type NamedActivation,
  referenceActivation,
} from './activations.js';
import { erf } from './erf.js';
import { thresholdActivation } from './threshold-activation.js';
import { thresholdReference } from './threshold-reference.js';

const x = input('x', 'float32', ['n']);
const values = tensor(
  'float32',
  [201],
  Float32Array.from({ length: 201 }, (_, index) => (index - 100) / 10),
);
const NAMES = Object.keys(ACTIVATIONS) as ActivationName[];

/** Other parameters than the default ones, where there are any. */
const VARIANTS: readonly NamedActivation[] = [
  { type: 'leakyRelu', alpha: 0.3 },
  { type: 'elu', alpha: 0.7 },
  { type: 'celu', alpha: 2 },
  { type: 'selu', alpha: 1.5, gamma: 1.1 },
  { type: 'hardSigmoid', alpha: 0.3, beta: 0.4 },
  { type: 'swish', alpha: 1.7 },
  { type: 'prelu', alpha: 0.1 },
  { type: 'thresholdedRelu', alpha: 0.6 },
  { type: 'shrink', lambd: 1.5, bias: 0.5 },
];
const ALL = [...NAMES, ...VARIANTS].map((f) => ({ f, label: JSON.stringify(f) }));

describe('an activation computes its formula on the runtime', () => {
  it.each(ALL)('$label', async ({ f }) => {
    const y = applyActivation(x, f);
    const model = buildModel({ inputs: [x], outputs: { y } });
    const { y: actual } = await runOnCpu(model, { x: values });
    const reference = referenceActivation(f);
    for (const [index, value] of (actual.data as Float32Array).entries()) {
      const expected = reference(values.data[index]);
      expect(Math.abs(value - expected), `f(${values.data[index]}) = ${expected}`).toBeLessThan(
        2e-6 * Math.max(1, Math.abs(expected)),
      );
    }
  });

  it.each(NAMES)('%s is made of the operators it names, from the opset it names', (name) => {
    const { ops, since } = ACTIVATIONS[name];
    const y = applyActivation(x, name);
    const build = (opset: number) => buildModel({ inputs: [x], outputs: { y }, opset });
    const types = new Set(build(21).graph.nodes.map(({ opType }) => opType));
    expect([...types].sort()).toEqual(ops.length === 0 ? ['Identity'] : [...ops].sort());
    expect(() => build(Math.max(13, since))).not.toThrow();
    if (since > 13) expect(() => build(since - 1)).toThrow(`build with opset ${since} or later`);
  });
});

describe('an activation is the f of a threshold', () => {
  it.each(ALL)('$label', async ({ f }) => {
    const options = { threshold: -0.35, activation: f } as const;
    const model = buildModel({ inputs: [x], outputs: { y: thresholdActivation(x, options) } });
    const { y } = await runOnCpu(model, { x: values });
    const expected = thresholdReference(values, options).data;
    for (const [index, value] of expected.entries()) {
      const actual = y.data[index];
      expect(Math.abs(Number(actual) - value)).toBeLessThan(2e-6 * Math.max(1, Math.abs(value)));
      if (values.data[index] <= Math.fround(-0.35)) expect(Object.is(actual, 0)).toBe(true);
    }
  });
});

it('erf is the error function', () => {
  // Abramowitz and Stegun, table 7.1, and DLMF 7.23.
  const table: readonly [number, number][] = [
    [0, 0],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [2.5, 0.999593047982555],
    [3, 0.9999779095030014],
    [30, 1],
  ];
  for (const [argument, value] of table) {
    expect(erf(argument)).toBeCloseTo(value, 14);
    expect(erf(-argument)).toBeCloseTo(-value, 14);
  }
});
