/**
 * Normalisation. With x̂ = (x − μ)/σ and the mean over what was normalised together:
 * dx = γ/σ · (dy − mean(dy) − x̂·mean(dy·x̂)), where dy already carries γ if γ varies inside the group.
 * Source: Ioffe and Szegedy, Batch Normalization (2015), section 3; Ba et al., Layer Normalization (2016).
 */
import { op, type Value } from '@rheobase/exporter';
import { add, mul, sub } from '../../graph/arithmetic.js';
import { sumTo } from '../../graph/broadcast.js';
import { reshape } from '../../graph/operators.js';
import { withShape } from '../../graph/values.js';
import { type Differentiated, type GradientRule, type InputGradients, multiple } from '../rule.js';

interface Normalised {
  /** x̂, shaped like x. */
  readonly value: Value;
  /** 1/σ, broadcasting against x. */
  readonly inverseDeviation: Value;
}

function normalise(x: Value, axes: readonly number[], epsilon: number): Normalised {
  const centred = sub(x, op.reduceMean(x, { axes, keepdims: true }));
  const variance = op.reduceMean(mul(centred, centred), { axes, keepdims: true });
  const inverseDeviation = op.reciprocal(op.sqrt(add(variance, epsilon)));
  return { value: mul(centred, inverseDeviation), inverseDeviation };
}

function throughNormalisation(g: Value, { value, inverseDeviation }: Normalised, axes: readonly number[]): Value {
  const mean = op.reduceMean(g, { axes, keepdims: true });
  const along = op.reduceMean(mul(g, value), { axes, keepdims: true });
  return mul(sub(sub(g, mean), mul(value, along)), inverseDeviation);
}

function onlyFirst(node: Differentiated, gradients: readonly (Value | undefined)[]): Value {
  if (gradients.slice(1).some((gradient) => gradient !== undefined)) {
    node.fail('the loss uses statistics it puts out, through which no gradient flows');
  }
  return gradients[0] ?? node.fail('its first output has no gradient');
}

const layer = multiple((node, gradients) => {
  const g = onlyFirst(node, gradients);
  const [x, scale] = node.inputs;
  const bias = node.optional(2);
  const rank = x.shape?.length ?? node.fail('its input has no known rank');
  const first = (node.int('axis', -1) + rank) % rank;
  const axes = Array.from({ length: rank - first }, (_, index) => first + index);
  const normalised = normalise(x, axes, node.float('epsilon', 1e-5));
  return [
    node.wants(0) ? withShape(throughNormalisation(mul(g, scale), normalised, axes), x.shape) : undefined,
    node.wants(1) ? sumTo(mul(g, normalised.value), scale, node.output) : undefined,
    bias !== undefined && node.wants(2) ? sumTo(g, bias, node.output) : undefined,
  ];
});

const batch = multiple((node, gradients) => {
  const g = onlyFirst(node, gradients);
  const rank = node.input(0).shape?.length ?? node.fail('its input has no known rank');
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  return node.int('training_mode', 0) === 0 ? withStatistics(node, g, axes) : withBatch(node, g, axes);
});

/** Statistics of the batch itself. */
function withBatch(node: Differentiated, g: Value, axes: readonly number[]): InputGradients {
  const [x, scale] = node.inputs;
  const normalised = normalise(x, axes, node.float('epsilon', 1e-5));
  return [
    node.wants(0) ? mul(throughNormalisation(g, normalised, axes), perChannel(scale, x)) : undefined,
    node.wants(1) ? op.reduceSum(mul(g, normalised.value), { axes, keepdims: false }) : undefined,
    node.wants(2) ? op.reduceSum(g, { axes, keepdims: false }) : undefined,
  ];
}

/** Given statistics: y = (x − μ)·γ/σ + β, element by element. */
function withStatistics(node: Differentiated, g: Value, axes: readonly number[]): InputGradients {
  const [x, scale, , mean, variance] = node.inputs;
  const inverse = op.reciprocal(op.sqrt(add(variance, node.float('epsilon', 1e-5))));
  const summed = op.reduceSum(g, { axes, keepdims: false });
  const centred = () => op.reduceSum(mul(g, sub(x, perChannel(mean, x))), { axes, keepdims: false });
  const slope = mul(scale, inverse);
  return [
    node.wants(0) ? mul(g, perChannel(slope, x)) : undefined,
    node.wants(1) ? mul(centred(), inverse) : undefined,
    node.wants(2) ? summed : undefined,
    node.wants(3) ? mul(mul(summed, slope), -1) : undefined,
    node.wants(4) ? mul(mul(centred(), mul(slope, mul(inverse, inverse))), -0.5) : undefined,
  ];
}

/** A value per channel as one that broadcasts along axis 1. */
function perChannel(value: Value, x: Value): Value {
  const rank = x.shape?.length ?? 2;
  const channels = value.shape?.[0] ?? null;
  const ones = new Array<number>(rank - 2).fill(1);
  return reshape(value, [-1, ...ones], [channels, ...ones]);
}

export const NORMALIZATION: Readonly<Record<string, GradientRule>> = {
  BatchNormalization: batch,
  LayerNormalization: layer,
};
