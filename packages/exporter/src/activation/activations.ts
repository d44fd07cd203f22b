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

export interface ActivationParameters {
  readonly alpha?: number;
  readonly beta?: number;
  readonly gamma?: number;
}

interface ActivationRow {
  readonly formula: string;
  /** The first opset of ai.onnx that has it. */
  readonly since: number;
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
    since: 1,
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => x,
    reference: (x) => x,
  },
  relu: {
    formula: 'x where x > 0, +0 elsewhere',
    since: 6,
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.relu(x),
    reference: (x) => (x > 0 || Number.isNaN(x) ? x : 0),
  },
  leakyRelu: {
    formula: 'x where x >= 0, alpha * x elsewhere',
    since: 6,
    defaults: { alpha: 0.01 },
    positiveFromPositive: always,
    graph: (x, { alpha }) => op.leakyRelu(x, { alpha }),
    reference: (x, { alpha }) => (x >= 0 ? x : alpha * x),
  },
  elu: {
    formula: 'x where x >= 0, alpha * (exp(x) - 1) elsewhere',
    since: 6,
    defaults: { alpha: 1 },
    positiveFromPositive: always,
    graph: (x, { alpha }) => op.elu(x, { alpha }),
    reference: (x, { alpha }) => (x >= 0 ? x : alpha * Math.expm1(x)),
  },
  celu: {
    formula: 'max(0, x) + min(0, alpha * (exp(x / alpha) - 1))',
    since: 12,
    defaults: { alpha: 1 },
    positiveFromPositive: always,
    graph: (x, { alpha }) => op.celu(x, { alpha }),
    reference: (x, { alpha }) => (x >= 0 ? x : alpha * Math.expm1(x / alpha)),
  },
  selu: {
    formula: 'gamma * (x where x > 0, alpha * (exp(x) - 1) elsewhere)',
    since: 6,
    defaults: { alpha: 1.6732632423543772, gamma: 1.0507009873554805 },
    positiveFromPositive: ({ gamma = 0 }) => gamma > 0,
    graph: (x, { alpha, gamma }) => op.selu(x, { alpha, gamma }),
    reference: (x, { alpha, gamma }) => gamma * (x > 0 ? x : alpha * Math.expm1(x)),
  },
  sigmoid: {
    formula: '1 / (1 + exp(-x))',
    since: 6,
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.sigmoid(x),
    reference: (x) => 1 / (1 + Math.exp(-x)),
  },
  hardSigmoid: {
    formula: 'max(0, min(1, alpha * x + beta))',
    since: 6,
    defaults: { alpha: 0.2, beta: 0.5 },
    positiveFromPositive: ({ alpha = 0, beta = 0 }) => alpha >= 0 && beta >= 0,
    graph: (x, { alpha, beta }) => op.hardSigmoid(x, { alpha, beta }),
    reference: (x, { alpha, beta }) => Math.max(0, Math.min(1, alpha * x + beta)),
  },
  hardSwish: {
    formula: 'x * max(0, min(1, x / 6 + 1 / 2))',
    since: 14,
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.hardSwish(x),
    reference: (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
  },
  tanh: {
    formula: 'tanh(x)',
    since: 6,
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.tanh(x),
    reference: (x) => Math.tanh(x),
  },
  softplus: {
    formula: 'ln(1 + exp(x))',
    since: 1,
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.softplus(x),
    reference: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  },
  softsign: {
    formula: 'x / (1 + |x|)',
    since: 1,
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.softsign(x),
    reference: (x) => x / (1 + Math.abs(x)),
  },
  mish: {
    formula: 'x * tanh(ln(1 + exp(x)))',
    since: 18,
    defaults: {},
    positiveFromPositive: always,
    graph: (x) => op.mish(x),
    reference: (x) => x * Math.tanh(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
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
  const { alpha = 0, beta = 0, gamma = 0 } = parameters;
  const rounded = { alpha: Math.fround(alpha), beta: Math.fround(beta), gamma: Math.fround(gamma) };
  return (x) => row.reference(x, rounded);
}
