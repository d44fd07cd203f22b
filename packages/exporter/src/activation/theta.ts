/**
 * The threshold θ of a threshold activation, made ready to be compared with x: rounded to x's element type, and shaped
 * so that one threshold per channel broadcasts along its axis.
 */
import { constant } from '../builder/constant.js';
import { Value } from '../builder/value.js';
import { badInput } from '../errors.js';
import { formatShape, mayEqual } from '../inference/rule.js';
import * as op from '../op/index.js';
import { type FloatDType, floatTensor, numbersOf } from './float-dtype.js';

/** One number for all, one per channel, or a value of the graph (an input, a parameter, anything computed). */
export type Threshold<D extends FloatDType = FloatDType> =
  | number
  | readonly number[]
  | Float32Array
  | Float64Array
  | Value<D>;

export interface Theta<D extends FloatDType = FloatDType> {
  /** Broadcasts to x without changing its shape. */
  readonly value: Value<D>;
  /** The thresholds where they are fixed, undefined where they come from the graph. */
  readonly fixed: readonly number[] | undefined;
  readonly isScalar: boolean;
}

/** @throws RheobaseError `bad-input` where the thresholds do not fit x along `axis`. */
export function resolveTheta<D extends FloatDType>(
  x: Value<D>,
  threshold: Threshold<D>,
  axis: number | undefined,
): Theta<D> {
  if (threshold instanceof Value) return fromGraph(x, threshold, axis);
  if (typeof threshold === 'number') return fixed(x, [threshold], []);
  const count = threshold.length;
  return fixed(x, Array.from(threshold), [count, ...trailingOnes(x, count, axis ?? -1)]);
}

function fixed<D extends FloatDType>(x: Value<D>, numbers: readonly number[], shape: readonly number[]): Theta<D> {
  const rounded = floatTensor(x.dtype, shape, numbers);
  const value = constant(rounded, 'theta') as Value<FloatDType> as Value<D>;
  return { value, fixed: numbersOf(rounded), isScalar: shape.length === 0 };
}

function fromGraph<D extends FloatDType>(x: Value<D>, theta: Value<D>, axis: number | undefined): Theta<D> {
  if (theta.dtype !== x.dtype) throw badInput(`the threshold ${theta.label} is ${theta.dtype} and x is ${x.dtype}`);
  const { shape, constant: elements } = theta;
  const numbers = elements && numbersOf(elements as Parameters<typeof numbersOf>[0]);
  const isScalar = shape?.every((extent) => extent === 1) ?? false;
  if (axis === undefined || isScalar) return { value: checkFits(x, theta), fixed: numbers, isScalar };
  if (shape?.length !== 1) {
    throw badInput(`a threshold per channel is a vector, ${theta.label} is ${formatShape(shape)}`, {
      remedy: 'leave axis out to broadcast it as it is',
    });
  }
  const [count] = shape;
  const ones = trailingOnes(x, count, axis);
  const value = ones.length === 0 ? theta : op.reshape(theta, [typeof count === 'number' ? count : -1, ...ones]);
  return { value, fixed: numbers, isScalar };
}

/** The ones behind the channels that move them to their axis. A negative axis needs no rank. */
function trailingOnes(x: Value, count: number | string | null, axis: number): number[] {
  const { shape } = x;
  const rank = shape?.length;
  if (!Number.isInteger(axis)) throw badInput(`the axis ${axis}`);
  if (rank === undefined && axis >= 0) {
    throw badInput(`a threshold per channel on axis ${axis} of ${x.label}, whose rank is unknown`, {
      remedy: 'count the axis from the end (-1 is the last)',
    });
  }
  if (rank !== undefined && (axis < -rank || axis >= rank)) {
    throw badInput(`axis ${axis} is outside ${formatShape(shape)}`, { remedy: 'name the axis of the channels' });
  }
  const fromEnd = axis < 0 ? -axis : (rank ?? 0) - axis;
  const channels = shape?.[shape.length - fromEnd] ?? null;
  if (!mayEqual(channels, count)) {
    throw badInput(`${count} thresholds for the ${channels} channels on axis ${axis} of ${formatShape(shape)}`);
  }
  return new Array<number>(fromEnd - 1).fill(1);
}

/** A threshold must not make x larger. */
function checkFits<D extends FloatDType>(x: Value<D>, theta: Value<D>): Value<D> {
  const { shape } = theta;
  if (x.shape === null || shape === null) return theta;
  const offset = x.shape.length - shape.length;
  const fits = shape.every((extent, axis) => extent === 1 || mayEqual(x.shape?.[axis + offset] ?? null, extent));
  const grows = shape.some(
    (extent, axis) => typeof extent === 'number' && extent !== 1 && x.shape?.[axis + offset] === 1,
  );
  if (offset >= 0 && fits && !grows) return theta;
  throw badInput(`a threshold of shape ${formatShape(shape)} does not broadcast to x of shape ${formatShape(x.shape)}`);
}
