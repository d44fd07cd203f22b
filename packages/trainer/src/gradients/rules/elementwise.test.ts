import { input, op, type Value } from '@rheobase/exporter';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '../../../test/apply.js';
import { DEFINITIONS, decompose } from '../../../test/decompose.js';
import { gradientError } from '../../../test/gradient-check.js';
import { numbers, runGraph } from '../../../test/run-graph.js';

const TOLERANCE = 1e-6;

const inside = (random: () => number) => random() * 1.3 - 0.65;
const positive = (random: () => number) => 0.2 + random() * 3;
const aboveOne = (random: () => number) => 1.2 + random() * 3;

const unary = (name: string) => (x: Value) => apply(name, [x]);

/** A scalar to four axes. */
const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 });

async function checkRandomShapes(build: (x: Value) => Value, sample?: (random: () => number) => number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(shapes, fc.integer({ min: 1, max: 1e6 }), async (shape, seed) => {
      const test = { shapes: [shape], build, seed, ...(sample && { sample }) };
      expect(await gradientError(test)).toBeLessThan(TOLERANCE);
    }),
    { numRuns: 4, seed: 13 },
  );
}

describe('elementary functions', () => {
  it.each<[string, (x: Value) => Value, ((random: () => number) => number)?]>([
    ['Abs', op.abs],
    ['Acos', unary('Acos'), inside],
    ['Acosh', unary('Acosh'), aboveOne],
    ['Asin', unary('Asin'), inside],
    ['Asinh', unary('Asinh')],
    ['Atan', unary('Atan'), inside],
    ['Atanh', unary('Atanh'), inside],
    ['Clip', (x) => op.clip(x, -1, 0.5)],
    ['Cos', op.cos],
    ['Cosh', unary('Cosh')],
    ['Erf', op.erf],
    ['Exp', op.exp],
    ['Identity', op.identity],
    ['Log', op.log, positive],
    ['Neg', op.neg],
    ['Reciprocal', op.reciprocal, positive],
    ['Sin', op.sin],
    ['Sinh', unary('Sinh')],
    ['Sqrt', op.sqrt, positive],
    ['Tan', unary('Tan'), inside],
  ])('%s', async (_name, build, sample) => {
    await checkRandomShapes(build, sample);
  });
});

describe('activations', () => {
  it.each<[string, (x: Value) => Value]>([
    ['Celu', (x) => op.celu(x, { alpha: 1.7 })],
    ['Elu', (x) => op.elu(x, { alpha: 0.7 })],
    ['Gelu', (x) => op.gelu(x)],
    ['Gelu tanh', (x) => op.gelu(x, { approximate: 'tanh' })],
    ['HardSigmoid', (x) => op.hardSigmoid(x, { alpha: 0.4 })],
    ['HardSwish', op.hardSwish],
    ['LeakyRelu', (x) => op.leakyRelu(x, { alpha: 0.1 })],
    ['Mish', op.mish],
    ['Relu', op.relu],
    ['Selu', (x) => op.selu(x)],
    ['Shrink', (x) => op.shrink(x, { lambd: 0.6, bias: 0.3 })],
    ['Sigmoid', op.sigmoid],
    ['Softplus', op.softplus],
    ['Softsign', op.softsign],
    ['Swish', (x) => apply('Swish', [x], { alpha: 0.8 })],
    ['Tanh', op.tanh],
    ['ThresholdedRelu', (x) => op.thresholdedRelu(x, { alpha: 0.4 })],
  ])('%s', async (_name, build) => {
    await checkRandomShapes(build, (random) => random() * 8 - 4);
  });
});

describe('the definitions that stand in for missing float64 kernels', () => {
  const points = Float32Array.from({ length: 41 }, (_, at) => (at - 20) / 10);
  const inOpen = points.map((x) => x * 0.34);
  const overOne = points.map((x) => Math.abs(x) + 1.1);
  const domains: Readonly<Record<string, Float32Array>> = {
    Acos: inOpen,
    Asin: inOpen,
    Atan: inOpen,
    Atanh: inOpen,
    Acosh: overOne,
  };
  /** Those of several operands are checked where their rules are. */
  const others = ['Conv', 'Mean', 'Normalization', 'PRelu', 'Pool', 'Swish'];
  const checked = Object.keys(DEFINITIONS).filter((name) => !others.some((other) => name.includes(other)));

  it.each(checked)("%s is ONNX Runtime's own, in float32", async (name) => {
    const x = input('x', 'float32', [41]);
    const own = apply(name, [x]);
    const feed = { dtype: 'float32', shape: [41], data: domains[name] ?? points } as const;
    const [expected, found] = await runGraph([x], [own, ...decompose([own])], [feed]);
    const other = numbers(found);
    for (const [at, value] of numbers(expected).entries()) expect(Math.abs(value - other[at])).toBeLessThan(3e-6);
  });
});
