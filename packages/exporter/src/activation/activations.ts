/**
 * The activation functions that have a name: for each the formula, the nodes that compute it in a graph, and what it
 * is in plain numbers. A row is all there is to add for another one.
 *
 * Formulas: the ONNX operators of the same name. `reference` computes in doubles; whoever compares rounds.
 */
import type { Value } from '../builder/value.js';
import { badInput } from '../errors.js';
import * as op from '../op/index.js';
import type { DType } from '../tensor/index.js';
import { erf } from './erf.js';

export interface ActivationParameters {
  readonly alpha?: number;
  readonly beta?: number;
  readonly gamma?: number;
  readonly lambd?: number;
  readonly bias?: number;
}

export interface ActivationRow {
  readonly formula: string;
  /** The operators that compute it. */
  readonly ops: readonly string[];
  /** The first opset of ai.onnx that has them. */
  readonly since: number;
  /** Where the function comes from. */
  readonly source: string;
  readonly defaults: ActivationParameters;
  graph<D extends DType>(x: Value<D>, parameters: ActivationParameters): Value<D>;
  /** Whether f(x) is never −0 for x > 0. */
  positiveFromPositive(parameters: ActivationParameters): boolean;
  reference(x: number, parameters: Required<ActivationParameters>): number;
}

const always = () => true;

const TABLE = {
  identity: {
    formula: 'x',
    ops: [],
    since: 1,
    source: 'the threshold alone',
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => x,
    reference: (x) => x,
  },
  relu: {
    formula: 'x where x > 0, +0 elsewhere',
    ops: ['Relu'],
    since: 6,
    source: 'Nair and Hinton, 2010',
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.relu(x),
    reference: (x) => (x > 0 || Number.isNaN(x) ? x : 0),
  },
  leakyRelu: {
    formula: 'x where x >= 0, alpha * x elsewhere',
    ops: ['LeakyRelu'],
    since: 6,
    source: 'Maas, Hannun and Ng, 2013',
    defaults: { alpha: 0.01 },
    positiveFromPositive: always,
    graph: (x, { alpha }) => op.leakyRelu(x, { alpha }),
    reference: (x, { alpha }) => (x >= 0 ? x : alpha * x),
  },
  elu: {
    formula: 'x where x >= 0, alpha * (exp(x) - 1) elsewhere',
    ops: ['Elu'],
    since: 6,
    source: 'Clevert, Unterthiner and Hochreiter, 2015, arXiv:1511.07289',
    defaults: { alpha: 1 },
    positiveFromPositive: always,
    graph: (x, { alpha }) => op.elu(x, { alpha }),
    reference: (x, { alpha }) => (x >= 0 ? x : alpha * Math.expm1(x)),
  },
  celu: {
    formula: 'max(0, x) + min(0, alpha * (exp(x / alpha) - 1))',
    ops: ['Celu'],
    since: 12,
    source: 'Barron, 2017, arXiv:1704.07483',
    defaults: { alpha: 1 },
    positiveFromPositive: always,
    graph: (x, { alpha }) => op.celu(x, { alpha }),
    reference: (x, { alpha }) => (x >= 0 ? x : alpha * Math.expm1(x / alpha)),
  },
  selu: {
    formula: 'gamma * (x where x > 0, alpha * (exp(x) - 1) elsewhere)',
    ops: ['Selu'],
    since: 6,
    source: 'Klambauer, Unterthiner, Mayr and Hochreiter, 2017, arXiv:1706.02515',
    defaults: { alpha: 1.6732632423543772, gamma: 1.0507009873554805 },
    positiveFromPositive: ({ gamma = 0 }) => gamma > 0,
    graph: (x, { alpha, gamma }) => op.selu(x, { alpha, gamma }),
    reference: (x, { alpha, gamma }) => gamma * (x > 0 ? x : alpha * Math.expm1(x)),
  },
  sigmoid: {
    formula: '1 / (1 + exp(-x))',
    ops: ['Sigmoid'],
    since: 6,
    source: 'the logistic function, Verhulst, 1845',
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.sigmoid(x),
    reference: (x) => 1 / (1 + Math.exp(-x)),
  },
  hardSigmoid: {
    formula: 'max(0, min(1, alpha * x + beta))',
    ops: ['HardSigmoid'],
    since: 6,
    source: 'Courbariaux, Bengio and David, 2015, arXiv:1511.00363',
    defaults: { alpha: 0.2, beta: 0.5 },
    positiveFromPositive: ({ alpha = 0, beta = 0 }) => alpha >= 0 && beta >= 0,
    graph: (x, { alpha, beta }) => op.hardSigmoid(x, { alpha, beta }),
    reference: (x, { alpha, beta }) => Math.max(0, Math.min(1, alpha * x + beta)),
  },
  hardSwish: {
    formula: 'x * max(0, min(1, x / 6 + 1 / 2))',
    ops: ['HardSwish'],
    since: 14,
    source: 'Howard and others, 2019, arXiv:1905.02244',
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.hardSwish(x),
    reference: (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
  },
  tanh: {
    formula: 'tanh(x)',
    ops: ['Tanh'],
    since: 6,
    source: 'the hyperbolic tangent',
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.tanh(x),
    reference: (x) => Math.tanh(x),
  },
  softplus: {
    formula: 'ln(1 + exp(x))',
    ops: ['Softplus'],
    since: 1,
    source: 'Dugas and others, 2000',
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.softplus(x),
    reference: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  },
  softsign: {
    formula: 'x / (1 + |x|)',
    ops: ['Softsign'],
    since: 1,
    source: 'Bergstra, Desjardins, Lamblin and Bengio, 2009',
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.softsign(x),
    reference: (x) => x / (1 + Math.abs(x)),
  },
  mish: {
    formula: 'x * tanh(ln(1 + exp(x)))',
    ops: ['Mish'],
    since: 18,
    source: 'Misra, 2019, arXiv:1908.08681',
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.mish(x),
    reference: (x) => x * Math.tanh(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  },
  gelu: {
    formula: 'x / 2 * (1 + erf(x / sqrt(2)))',
    ops: ['Gelu'],
    since: 20,
    source: 'Hendrycks and Gimpel, 2016, arXiv:1606.08415',
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.gelu(x),
    reference: (x) => (x === -Infinity ? Number.NaN : (x / 2) * (1 + erf(x / Math.SQRT2))),
  },
  geluTanh: {
    formula: 'x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))',
    ops: ['Gelu'],
    since: 20,
    source: 'Hendrycks and Gimpel, 2016, arXiv:1606.08415, section 2',
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.gelu(x, { approximate: 'tanh' }),
    reference: (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  },
  swish: {
    formula: 'x / (1 + exp(-alpha * x))',
    // The operator Swish came with opset 24; these two say the same in every opset.
    ops: ['Sigmoid', 'Mul'],
    since: 6,
    source: 'Ramachandran, Zoph and Le, 2017, arXiv:1710.05941',
    defaults: { alpha: 1 },
    positiveFromPositive: always,
    graph: (x, { alpha = 1 }) => op.mul(x, op.sigmoid(alpha === 1 ? x : op.mul(x, alpha))),
    reference: (x, { alpha }) => x * (1 / (1 + Math.exp(-alpha * x))),
  },
  silu: {
    formula: 'x / (1 + exp(-x))',
    ops: ['Sigmoid', 'Mul'],
    since: 6,
    source: 'Elfwing, Uchibe and Doya, 2017, arXiv:1702.03118',
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.mul(x, op.sigmoid(x)),
    reference: (x) => x * (1 / (1 + Math.exp(-x))),
  },
  prelu: {
    formula: 'x where x >= 0, alpha * x elsewhere; a slope per channel is a function, (x) => op.prelu(x, slope)',
    ops: ['PRelu'],
    since: 7,
    source: 'He, Zhang, Ren and Sun, 2015, arXiv:1502.01852',
    defaults: { alpha: 0.25 },
    positiveFromPositive: always,
    graph: (x, { alpha = 0.25 }) => op.prelu(x, alpha),
    reference: (x, { alpha }) => (x < 0 ? alpha * x : x),
  },
  thresholdedRelu: {
    formula: 'x where x > alpha, 0 elsewhere',
    ops: ['ThresholdedRelu'],
    since: 10,
    source: 'Konda, Memisevic and Krueger, 2014, arXiv:1402.3337',
    defaults: { alpha: 1 },
    positiveFromPositive: always,
    graph: (x, { alpha }) => op.thresholdedRelu(x, { alpha }),
    reference: (x, { alpha }) => (x > alpha ? x : 0),
  },
  shrink: {
    formula: 'x - bias where x > lambd, x + bias where x < -lambd, 0 between',
    ops: ['Shrink'],
    since: 9,
    source: 'Donoho and Johnstone, 1994',
    defaults: { lambd: 0.5, bias: 0 },
    positiveFromPositive: () => false,
    graph: (x, { lambd, bias }) => op.shrink(x, { lambd, bias }),
    reference: (x, { lambd, bias }) => (x < -lambd ? x + bias : x > lambd ? x - bias : 0),
  },
} as const satisfies Record<string, ActivationRow>;

export type ActivationName = keyof typeof TABLE;

/** An activation by name (with its default parameters) or with parameters of one's own. */
export type NamedActivation = ActivationName | ({ readonly type: ActivationName } & ActivationParameters);

/** A function of a graph value: anything that operators can express. */
export type GraphFunction = <D extends DType>(x: Value<D>) => Value<D>;

export type Activation = NamedActivation | GraphFunction;

export const ACTIVATIONS: Readonly<Record<ActivationName, ActivationRow>> = TABLE;

export interface ResolvedActivation {
  readonly name: ActivationName;
  readonly parameters: ActivationParameters;
  readonly row: ActivationRow;
}

/** @throws RheobaseError `bad-input` for a name or a parameter that the table does not have. */
export function resolveActivation(activation: NamedActivation): ResolvedActivation {
  const { type: name, ...given } = typeof activation === 'string' ? { type: activation } : activation;
  if (!Object.hasOwn(ACTIVATIONS, name)) {
    throw badInput(`the activation '${name}'`, { remedy: `choose one of ${Object.keys(ACTIVATIONS).join(', ')}` });
  }
  const row = ACTIVATIONS[name];
  const foreign = Object.keys(given).find((parameter) => !Object.hasOwn(row.defaults, parameter));
  if (foreign !== undefined) throw badInput(`the activation '${name}' has no parameter '${foreign}'`);
  return { name, parameters: { ...row.defaults, ...given }, row };
}

/** f(x) as graph nodes. */
export function applyActivation<D extends DType>(x: Value<D>, activation: Activation): Value<D> {
  if (typeof activation === 'function') return activation(x);
  const { row, parameters } = resolveActivation(activation);
  return row.graph(x, parameters);
}

/** f as a function of numbers, in doubles; its parameters rounded to the float32 that attributes are. */
export function referenceActivation(activation: NamedActivation): (x: number) => number {
  const { row, parameters } = resolveActivation(activation);
  const { alpha = 0, beta = 0, gamma = 0, lambd = 0, bias = 0 } = parameters;
  const rounded = {
    alpha: Math.fround(alpha),
    beta: Math.fround(beta),
    gamma: Math.fround(gamma),
    lambd: Math.fround(lambd),
    bias: Math.fround(bias),
  };
  return (x) => row.reference(x, rounded);
}
