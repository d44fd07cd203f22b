/**
 * Operators for which ONNX Runtime's CPU provider has no float64 kernel, written out in operators for which it has
 * one: the definitions of the ONNX specification.
 */
import { constant, op, Value } from '@rheobase/exporter';
import { Differentiated } from '../src/gradients/rule.js';
import { RULES } from '../src/gradients/rules.js';
import type { Call } from '../src/graph/values.js';
import { callsBehind } from '../src/graph/walk.js';
import { averageNode, convNode } from './window-definitions.js';

type Definition = (
  x: Value,
  float: (name: string, byDefault: number) => number,
  inputs: readonly Value[],
  call: Call,
) => Value;

const sigmoid = (x: Value) => op.reciprocal(op.add(op.exp(op.neg(x)), 1));
const softplus = (x: Value) => op.log(op.add(op.exp(x), 1));
const tanh = (x: Value) => op.sub(op.mul(sigmoid(op.mul(x, 2)), 2), 1);
const exponentials = (x: Value, sign: 1 | -1) => {
  const minus = op.exp(op.neg(x));
  return op.mul(sign === 1 ? op.add(op.exp(x), minus) : op.sub(op.exp(x), minus), 0.5);
};

/** The Maclaurin series (Abramowitz and Stegun, 7.1.5), good to 1e-13 for |x| < 3. */
function erf(x: Value): Value {
  const square = op.mul(x, x);
  let sum: Value = constant(0, x.dtype);
  for (let n = 60; n >= 0; n -= 1) {
    let factorial = 1;
    for (let k = 2; k <= n; k += 1) factorial *= k;
    sum = op.add(op.mul(sum, square), (n % 2 === 0 ? 1 : -1) / (factorial * (2 * n + 1)));
  }
  return op.mul(op.mul(sum, x), 2 / Math.sqrt(Math.PI));
}

/** The Maclaurin series (Abramowitz and Stegun, 4.4.40), good to 1e-15 for |x| < 0.7. */
function asin(x: Value): Value {
  const square = op.mul(x, x);
  const coefficients = [1];
  for (let n = 1; n < 60; n += 1) coefficients.push((coefficients[n - 1] * (2 * n - 1)) / (2 * n));
  let sum: Value = constant(0, x.dtype);
  for (let n = 59; n >= 0; n -= 1) sum = op.add(op.mul(sum, square), coefficients[n] / (2 * n + 1));
  return op.mul(sum, x);
}

/** (x − μ)/σ over some axes. */
function standardised(x: Value, axes: readonly number[], epsilon: number): Value {
  const centred = op.sub(x, op.reduceMean(x, { axes, keepdims: true }));
  const variance = op.reduceMean(op.mul(centred, centred), { axes, keepdims: true });
  return op.div(centred, op.sqrt(op.add(variance, epsilon)));
}

const perChannel = (value: Value, like: Value) => op.reshape(value, [-1, ...(like.shape ?? []).slice(2).map(() => 1)]);

const hardSigmoid = (x: Value, alpha: number, beta: number) => op.clip(op.add(op.mul(x, alpha), beta), 0, 1);

export const DEFINITIONS: Readonly<Record<string, Definition>> = {
  Acos: (x) => op.sub(constant(Math.PI / 2, x.dtype), asin(x)),
  Acosh: (x) => op.log(op.add(x, op.sqrt(op.sub(op.mul(x, x), 1)))),
  Asin: asin,
  Asinh: (x) => op.log(op.add(x, op.sqrt(op.add(op.mul(x, x), 1)))),
  Atan: (x) => asin(op.div(x, op.sqrt(op.add(op.mul(x, x), 1)))),
  Atanh: (x) => op.mul(op.log(op.div(op.add(x, 1), op.sub(constant(1, x.dtype), x))), 0.5),
  // ONNX Runtime 1.30 ends the process on training_mode 1.
  BatchNormalization: (x, f, [, scale, bias, mean, variance], call) => {
    const axes = (x.shape ?? []).map((_, axis) => axis).filter((axis) => axis !== 1);
    const perChannel = (value: Value) => op.reshape(value, [-1, ...axes.slice(1).map(() => 1)]);
    const isTraining = call.attributes.has('training_mode');
    const centre = isTraining ? op.reduceMean(x, { axes, keepdims: true }) : perChannel(mean);
    const centred = op.sub(x, centre);
    const spread = isTraining
      ? op.reduceMean(op.mul(centred, centred), { axes, keepdims: true })
      : perChannel(variance);
    const normalised = op.div(centred, op.sqrt(op.add(spread, f('epsilon', 1e-5))));
    return op.add(op.mul(normalised, perChannel(scale)), perChannel(bias));
  },
  AveragePool: (_x, _f, inputs, call) => averageNode(call, inputs),
  Celu: (x, f) => {
    const alpha = f('alpha', 1);
    return op.where(op.greater(x, 0), x, op.mul(op.sub(op.exp(op.div(x, alpha)), 1), alpha) as Value);
  },
  Conv: (_x, _f, inputs, call) => convNode(call, inputs),
  ConvTranspose: (_x, _f, inputs, call) => convNode(call, inputs),
  Cosh: (x) => exponentials(x, 1),
  Elu: (x, f) => op.where(op.greater(x, 0), x, op.mul(op.sub(op.exp(x), 1), f('alpha', 1))),
  Erf: erf,
  Gelu: (x, _, __, call) => {
    if (!call.attributes.has('approximate')) return op.mul(op.mul(x, 0.5), op.add(erf(op.mul(x, Math.SQRT1_2)), 1));
    const u = op.mul(op.add(x, op.mul(op.mul(op.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
    return op.mul(op.mul(x, 0.5), op.add(tanh(u), 1));
  },
  GroupNormalization: (x, f, [, scale, bias], call) => {
    const groups = Number(call.attributes.get('num_groups')?.value);
    const inner = standardised(op.reshape(x, [0, groups, -1]), [2], f('epsilon', 1e-5));
    return op.add(op.mul(op.reshape(inner, op.shape(x)), perChannel(scale, x)), perChannel(bias, x));
  },
  HardSigmoid: (x, f) => hardSigmoid(x, f('alpha', 0.2), f('beta', 0.5)),
  HardSwish: (x) => op.mul(x, hardSigmoid(x, 1 / 6, 0.5)),
  InstanceNormalization: (x, f, [, scale, bias]) => {
    const spatial = (x.shape ?? []).slice(2).map((_, axis) => axis + 2);
    const inner = standardised(x, spatial, f('epsilon', 1e-5));
    return op.add(op.mul(inner, perChannel(scale, x)), perChannel(bias, x));
  },
  LeakyRelu: (x, f) => op.where(op.less(x, 0), op.mul(x, f('alpha', 0.01)), x),
  Mean: (x, _, operands) => op.div(op.sum(x, ...operands.slice(1)), operands.length),
  Mish: (x) => op.mul(x, tanh(softplus(x))),
  PRelu: (x, _, [, slope]) => op.where(op.less(x, 0), op.mul(x, slope), x),
  Selu: (x, f) => {
    const gamma = f('gamma', 1.0507009873554805);
    const alpha = f('alpha', 1.6732632423543772);
    return op.mul(op.where(op.greater(x, 0), x, op.mul(op.sub(op.exp(x), 1), alpha)), gamma);
  },
  Shrink: (x, f) => {
    const [lambda, bias] = [f('lambd', 0.5), f('bias', 0)];
    const inner = op.where(op.greater(x, lambda), op.sub(x, bias), 0);
    return op.where(op.less(x, -lambda), op.add(x, bias), inner);
  },
  Sinh: (x) => exponentials(x, -1),
  Softplus: softplus,
  Softsign: (x) => op.div(x, op.add(op.abs(x), 1)),
  Swish: (x, f) => op.mul(x, sigmoid(op.mul(x, f('alpha', 1)))),
  Tan: (x) => op.div(op.sin(x), op.cos(x)),
  ThresholdedRelu: (x, f) => op.where(op.greater(x, f('alpha', 1)), x, 0),
};

/** Operators whose gradient is that of their definition; the definition is theirs as well. */
function ownDefinition(call: Call, inputs: readonly (Value | null)[]): readonly (Value | undefined)[] | undefined {
  const rule = RULES.get(call.schema.opType);
  if (rule === undefined || !('define' in rule)) return undefined;
  const own = { ...call, inputs };
  const outputs = call.outputs.map((type, index) => new Value(type, { kind: 'output', call: own, index }));
  return rule.define(new Differentiated(own, outputs, [], ''));
}

/** The same values with the operators above written out. */
export function decompose(values: readonly Value[]): Value[] {
  const replaced = new Map<Call, readonly Value[]>();
  const renewed = (value: Value): Value => {
    if (value.source.kind !== 'output') return value;
    const outputs = replaced.get(value.source.call);
    return outputs?.[value.source.index] ?? value;
  };
  for (const call of callsBehind(values)) {
    const inputs = call.inputs.map((value) => value && renewed(value));
    const definition = DEFINITIONS[call.schema.opType];
    if (definition !== undefined) {
      const float = (name: string, byDefault: number) => {
        const attribute = call.attributes.get(name);
        return Math.fround(attribute?.kind === 'float' ? attribute.value : byDefault);
      };
      const present = inputs.filter((value) => value !== null);
      replaced.set(call, [definition(present[0], float, present, call)]);
      continue;
    }
    const defined = ownDefinition(call, inputs);
    if (defined !== undefined) {
      replaced.set(call, decompose(defined.filter((value) => value !== undefined)));
    } else if (inputs.some((value, index) => value !== call.inputs[index])) {
      const own = { ...call, inputs };
      replaced.set(
        call,
        call.outputs.map((type, index) => new Value(type, { kind: 'output', call: own, index })),
      );
    }
  }
  return values.map(renewed);
}
