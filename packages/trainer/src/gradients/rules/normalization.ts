/**
 * Normalisation. With x̂ = (x − μ)/σ and the mean over what was normalised together:
 * dx = γ/σ · (dy − mean(dy) − x̂·mean(dy·x̂)), where dy already carries γ if γ varies inside the group.
 * Source: Ioffe and Szegedy, Batch Normalization (2015), section 3; Ba et al., Layer Normalization (2016).
 */
import { op, type Value } from '@rheobase/exporter';
import { add, mul, square, sub, total } from '../../graph/arithmetic.js';
import { sumTo } from '../../graph/broadcast.js';
import { integers, pad, reshape, slice } from '../../graph/operators.js';
import { scalarLike, withShape } from '../../graph/values.js';
import { byDefinition, type Differentiated, type GradientRule, type InputGradients, multiple } from '../rule.js';
import { reshapedTo } from './layout.js';

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

/** Every channel of every example by itself. */
const instance = multiple((node, gradients) => {
  const g = onlyFirst(node, gradients);
  const rank = node.rankOf(0);
  const [x, scale] = node.inputs;
  const spatial = Array.from({ length: rank - 2 }, (_, index) => index + 2);
  const normalised = normalise(x, spatial, node.float('epsilon', 1e-5));
  const scaled = mul(g, perChannel(scale, x));
  return [
    node.wants(0) ? withShape(throughNormalisation(scaled, normalised, spatial), x.shape) : undefined,
    ...ofScaleAndBias(node, g, normalised.value, [0, ...spatial]),
  ];
});

/** Channels in groups, normalised over all of a group: `[N, C, …]` as `[N, G, −1]` and back. */
const group = multiple((node, gradients) => {
  const g = onlyFirst(node, gradients);
  const rank = node.rankOf(0);
  const [x, scale] = node.inputs;
  const groups = node.int('num_groups', 1);
  const [examples = null] = x.shape ?? [];
  const grouped = (value: Value) => reshape(value, [0, groups, -1], [examples, groups, null]);
  const { value, inverseDeviation } = normalise(grouped(x), [2], node.float('epsilon', 1e-5));
  const back = (inner: Value) => reshapedTo(inner, x);
  const scaled = grouped(mul(g, perChannel(scale, x)));
  const summed = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  return [
    node.wants(0) ? back(throughNormalisation(scaled, { value, inverseDeviation }, [2])) : undefined,
    ...ofScaleAndBias(node, g, back(value), summed),
  ];
});

/** The gradients of γ and β that each channel has. */
function ofScaleAndBias(node: Differentiated, g: Value, normalised: Value, axes: readonly number[]): InputGradients {
  return [
    node.wants(1) ? op.reduceSum(mul(g, normalised), { axes, keepdims: false }) : undefined,
    node.wants(2) ? op.reduceSum(g, { axes, keepdims: false }) : undefined,
  ];
}

/** Without a mean: y = γ·x/√(mean(x²) + ε). Source: Zhang and Sennrich, Root Mean Square Layer Normalization (2019). */
const rootMeanSquare = byDefinition((node) => {
  const [x, scale] = node.inputs;
  const rank = node.rankOf(0);
  const first = (node.int('axis', -1) + rank) % rank;
  const axes = Array.from({ length: rank - first }, (_, index) => first + index);
  const meanSquare = op.reduceMean(square(x), { axes, keepdims: true });
  return op.mul(mul(x, op.reciprocal(op.sqrt(add(meanSquare, node.float('epsilon', 1e-5))))), scale);
});

/** y = (x − μ)/(σ + 10⁻⁹), over batch and image by default. */
const meanVariance = byDefinition((node) => {
  const x = node.input(0);
  const axes = node.ints('axes') ?? [0, 2, 3];
  const centred = sub(x, op.reduceMean(x, { axes, keepdims: true }));
  const deviation = op.sqrt(op.reduceMean(square(centred), { axes, keepdims: true }));
  return op.div(centred, add(deviation, 1e-9));
});

/** y = x/‖x‖ along an axis. */
const toUnitNorm = byDefinition((node) => {
  const x = node.input(0);
  const options = { axes: [node.int('axis', -1)], keepdims: true };
  return op.div(x, node.int('p', 2) === 1 ? op.reduceL1(x, options) : op.reduceL2(x, options));
});

/**
 * Local response normalisation: y = x/(k + α/n·Σ x²)^β, the sum over n neighbouring channels.
 * Source: Krizhevsky et al., ImageNet classification with deep convolutional neural networks (2012), section 3.3.
 */
const localResponse = byDefinition((node) => {
  const x = node.input(0);
  const size = node.int('size', 1);
  const before = Math.floor((size - 1) / 2);
  const around = Array.from({ length: 2 * node.rankOf(0) }, (_, at) => {
    if (at === 1) return before;
    return at === node.rankOf(0) + 1 ? size - 1 - before : 0;
  });
  const channels = op.slice(op.shape(x), [1], [2]) as Value<'int64'>;
  const padded = pad(square(x), around);
  const neighbours = Array.from({ length: size }, (_, offset) => {
    const ends = op.add(channels, integers([offset])) as Value<'int64'>;
    return slice(padded, { starts: [offset], ends, axes: [1] }, x.shape);
  });
  const sum = mul(total(neighbours), node.float('alpha', 1e-4) / size);
  return op.div(x, op.pow(add(sum, node.float('bias', 1)), scalarLike(x, node.float('beta', 0.75))));
});

/** Statistics of the batch itself. */
function withBatch(node: Differentiated, g: Value, axes: readonly number[]): InputGradients {
  const [x, scale] = node.inputs;
  const normalised = normalise(x, axes, node.float('epsilon', 1e-5));
  return [
    node.wants(0) ? mul(throughNormalisation(g, normalised, axes), perChannel(scale, x)) : undefined,
    ...ofScaleAndBias(node, g, normalised.value, axes),
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
  GroupNormalization: group,
  InstanceNormalization: instance,
  LRN: localResponse,
  LayerNormalization: layer,
  LpNormalization: toUnitNorm,
  MeanVarianceNormalization: meanVariance,
  RMSNormalization: rootMeanSquare,
};
