/**
 * The semantic table on every backend: special values through every comparison, kind of θ and f, in the `where`
 * lowering, compared bit for bit with the definition in plain numbers (`thresholdReference`).
 */
import {
  type Activation,
  buildModel,
  type Comparison,
  encodeModel,
  input,
  type NamedActivation,
  type Tensor,
  type ThresholdOptions,
  thresholdActivation,
  thresholdReference,
  type Value,
} from '@rheobase/exporter';
import type { Backend } from '@rheobase/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendById, FIVE_BACKENDS, reasonToSkip } from './backends.js';

const THETAS = [0.2, 0, -0.5, 1e-40, 3e38, -Infinity, Number.NaN];
const ALPHA = 0.1;
const ACTIVATIONS: readonly { name: string; f: NamedActivation; exact: boolean }[] = [
  { name: 'identity', f: 'identity', exact: true },
  { name: 'relu', f: 'relu', exact: true },
  { name: 'leakyRelu', f: { type: 'leakyRelu', alpha: ALPHA }, exact: false },
  { name: 'elu', f: { type: 'elu', alpha: ALPHA }, exact: false },
];
const COMPARISONS: readonly Comparison[] = ['greater', 'greaterOrEqual', 'magnitude'];

interface Row {
  readonly name: string;
  readonly theta: number | readonly number[];
  readonly activation: NamedActivation;
  readonly comparison: Comparison;
  readonly exact: boolean;
  readonly how: 'constant' | 'graph input';
}

const bitsOf = new Uint32Array(1);
const floatOf = new Float32Array(bitsOf.buffer);

/** The representable neighbour above (+1) or below (−1) of a finite float32. */
function neighbour(value: number, step: 1 | -1): number {
  floatOf[0] = value;
  if (value === 0) bitsOf[0] = step > 0 ? 1 : 0x80000001;
  else bitsOf[0] += value > 0 ? step : -step;
  return floatOf[0];
}

/** Every value that the table names, and each θ with both its neighbours. */
const VALUES = [
  ...[Number.NaN, Infinity, -Infinity, 0, -0, 1e-40, -1e-40, 1.4e-45, -1.4e-45, 2e-40, 1.17549435e-38, -1.17549435e-38],
  ...[3.4e38, -3.4e38, 1, -1, 0.1, -0.1, 1e-6, -1e-6, 1234.5678, -1234.5678, 0.5, -87.5, 88.5],
  ...THETAS.filter(Number.isFinite).flatMap((theta) => {
    const t = Math.fround(theta);
    return [t, neighbour(t, 1), neighbour(t, -1), -t, -neighbour(t, 1), -neighbour(t, -1)];
  }),
];

/** `[values, thetas]`: every value meets every θ. */
const X: Tensor<'float32'> = {
  dtype: 'float32',
  shape: [VALUES.length, THETAS.length],
  data: Float32Array.from(VALUES.flatMap((value) => THETAS.map(() => value))),
};

const rows: Row[] = ACTIVATIONS.flatMap(({ name, f, exact }) =>
  COMPARISONS.flatMap((comparison) => [
    ...THETAS.map(
      (theta): Row => ({
        name: `${name}, ${comparison}, θ ${theta}`,
        theta,
        activation: f,
        comparison,
        exact,
        how: 'constant',
      }),
    ),
    { name: `${name}, ${comparison}, θ per channel`, theta: THETAS, activation: f, comparison, exact, how: 'constant' },
    { name: `${name}, ${comparison}, θ fed`, theta: THETAS, activation: f, comparison, exact, how: 'graph input' },
  ]),
);

/** One model with an output per row, so that a backend loads it once. */
function modelOfRows(): Uint8Array {
  const x = input('x', 'float32', ['n', THETAS.length]);
  const theta = input('theta', 'float32', [THETAS.length]);
  const outputs: Record<string, Value> = {};
  for (const [index, { theta: given, activation, comparison, how }] of rows.entries()) {
    const threshold = how === 'graph input' ? theta : (given as number | number[]);
    const options: ThresholdOptions<'float32'> = {
      threshold,
      activation: activation as Activation,
      comparison,
      axis: -1,
    };
    outputs[`y${index}`] = thresholdActivation(x, options);
  }
  return encodeModel(buildModel({ inputs: [x, theta], outputs }));
}

const FEEDS = { x: X, theta: { dtype: 'float32', shape: [THETAS.length], data: Float32Array.from(THETAS) } } as const;

type Class = 'equal' | 'denormal flushed' | 'within tolerance' | 'different';

/** Not zero, and smaller than the smallest normal float32. */
function isDenormal(value: number): boolean {
  return value !== 0 && Math.abs(value) < 2 ** -126;
}

/**
 * How a result relates to the definition at one element. A provider may take a denormal x or θ, or write a denormal y,
 * as zero; then the result must be what the definition gives for x and θ with none, one or both of them zero, or a
 * denormal or zero in place of a denormal. Nothing else may differ.
 */
function classify(actual: number, x: number, theta: number, { activation, comparison, exact }: Row): Class {
  const define = (from: number, threshold: number): number =>
    thresholdReference(scalar(from), { threshold, activation, comparison }).data[0];
  const expected = define(x, theta);
  if (Object.is(actual, expected)) return 'equal';
  const closeEnough = (other: number): boolean => Object.is(actual, other) || (!exact && isClose(actual, other));
  if (closeEnough(expected)) return 'within tolerance';
  const variants = [x, flushed(x)].flatMap((from) => [theta, flushed(theta)].map((at) => define(from, at)));
  if ([x, theta, expected].some(isDenormal) && variants.some(closeEnough)) return 'denormal flushed';
  const tiny = (value: number): boolean => value === 0 || isDenormal(value);
  return isDenormal(x) && tiny(actual) && variants.some(tiny) ? 'denormal flushed' : 'different';
}

function flushed(value: number): number {
  return isDenormal(value) ? 0 * Math.sign(value) : value;
}

/** GPUs round a product or an exponential within some ULP; exp(x) − 1 near zero keeps the absolute error of exp(x). */
function isClose(actual: number, expected: number): boolean {
  return Math.abs(ordinal(actual) - ordinal(expected)) <= 8 || Math.abs(actual - expected) <= ALPHA * 2 ** -22;
}

function scalar(value: number): Tensor<'float32'> {
  return { dtype: 'float32', shape: [1], data: Float32Array.of(value) };
}

/** Position of a float32 on the number line in steps of one ULP; NaN is nowhere. */
function ordinal(value: number): number {
  if (Number.isNaN(value)) return Number.NaN;
  floatOf[0] = value;
  return bitsOf[0] & 0x80000000 ? -(bitsOf[0] & 0x7fffffff) : bitsOf[0];
}

describe.each(FIVE_BACKENDS)('threshold semantics on %s', async (id) => {
  const reason = await reasonToSkip(id);
  describe.skipIf(reason !== null)(reason === null ? 'where lowering' : `skipped: ${reason}`, () => {
    let backend: Backend;
    let outputs: Readonly<Record<string, Tensor>>;

    beforeAll(async () => {
      backend = backendById(id);
      const availability = await backend.probe();
      if (!availability.available) throw new Error(`${id} is required: ${availability.reason}`);
      const session = await backend.open({ bytes: modelOfRows() });
      outputs = (await session.run(FEEDS)).outputs;
    });
    afterAll(() => backend?.close());

    it.each(rows.map((row, index) => ({ ...row, index })))('$name ($how)', (row) => {
      const { shape, data } = outputs[`y${row.index}`] as Tensor<'float32'>;
      expect(shape).toEqual(X.shape);
      const wrong = Array.from(data, (y, at) => {
        const x = X.data[at];
        const theta = Math.fround(typeof row.theta === 'number' ? row.theta : row.theta[at % THETAS.length]);
        return classify(y, x, theta, row) === 'different' ? `x ${text(x)}, θ ${text(theta)}: ${text(y)}` : '';
      }).filter((line) => line !== '');
      expect(wrong).toEqual([]);
    });
  });
});

function text(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

it('the reference follows the table', () => {
  const y = (x: number, options: Omit<Parameters<typeof thresholdReference>[1], 'threshold'> = {}, threshold = 0.2) =>
    thresholdReference({ dtype: 'float32', shape: [1], data: Float32Array.of(x) }, { threshold, ...options }).data[0];
  const theta = Math.fround(0.2);
  expect(y(theta)).toBe(0);
  expect(y(neighbour(theta, 1))).toBe(neighbour(theta, 1));
  expect(y(theta, { comparison: 'greaterOrEqual' })).toBe(theta);
  expect(y(Number.NaN)).toBe(0);
  expect(y(Infinity)).toBe(Infinity);
  expect(y(-Infinity)).toBe(0);
  expect(y(-Infinity, { comparison: 'magnitude' })).toBe(-Infinity);
  expect(y(-Infinity, { comparison: 'magnitude', activation: 'relu' })).toBe(0);
  expect(y(-0.3, { activation: { type: 'leakyRelu', alpha: 0.5 } }, -1)).toBeCloseTo(-0.15);
  expect(Object.is(y(-0), 0)).toBe(true);
});
