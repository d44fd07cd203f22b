/** How random numbers are spread, and how tensors are filled with them. */
import { integerIn, normal, type Random } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import { type DType, dtypeBits, dtypeKind, isFloat, type Tensor } from '@rheobase/exporter/tensor';
import type { InputSpec } from './input-shapes.js';
import { tensorFromNumbers } from './tensor-from-numbers.js';

export type Distribution =
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  /** From `low` up to but not including `high`; whole numbers for integer inputs. */
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  /** Magnitudes from `low` to `high`, every power of ten as often as every other, either sign as often. */
  | { readonly kind: 'logUniform'; readonly low: number; readonly high: number };

/** From `low` to `high`; integers take both ends, floats never quite reach `high`. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * A tensor of an input's type and shape. Where a range is given, a normal distribution is cut off at it (values outside
 * are drawn again).
 * @throws RheobaseError `bad-input` for a range that the element type lacks, or that hardly anything falls into.
 */
export function drawTensor(
  { name, dtype, shape }: InputSpec,
  distribution: Distribution,
  stream: Random,
  range?: Range,
): Tensor {
  if (range !== undefined) checkRange(name, dtype, range);
  const draw = drawFrom(distribution, stream, isFloat(dtype));
  const within = range === undefined ? draw : () => drawWithin(draw, range, name);
  return tensorFromNumbers(dtype, shape, within);
}

/** The uniform distribution over a range, as an input of that type takes it. */
export function uniformOver({ low, high }: Range, dtype: DType): Distribution {
  return { kind: 'uniform', low, high: isFloat(dtype) || dtype === 'string' ? high : high + 1 };
}

function drawFrom(distribution: Distribution, stream: Random, isReal: boolean): () => number {
  const rounded = (draw: () => number): (() => number) => (isReal ? draw : () => Math.round(draw()));
  switch (distribution.kind) {
    case 'uniform': {
      const { low, high } = distribution;
      return isReal ? () => low + (high - low) * stream.uniform() : () => integerIn(stream, low, high);
    }
    case 'normal': {
      const { mean, deviation } = distribution;
      return rounded(() => mean + deviation * normal(stream));
    }
    case 'logUniform': {
      const [low, high] = [Math.log(distribution.low), Math.log(distribution.high)];
      return rounded(() => (stream.uniform() < 0.5 ? -1 : 1) * Math.exp(low + (high - low) * stream.uniform()));
    }
  }
}

const MOST_REDRAWS = 10_000;

function drawWithin(draw: () => number, { low, high }: Range, name: string): number {
  for (let attempt = 0; attempt < MOST_REDRAWS; attempt += 1) {
    const value = draw();
    if (value >= low && value <= high) return value;
  }
  throw badInput(`hardly any value of its distribution lies between ${low} and ${high}`, {
    where: `input ${name}`,
    remedy: 'widen the range, or choose a distribution that reaches it',
  });
}

function checkRange(name: string, dtype: DType, { low, high }: Range): void {
  const where = `input ${name}`;
  if (!(low <= high)) throw badInput(`${low} to ${high} is no range`, { where });
  if (isFloat(dtype) || dtype === 'string') return;
  const [least, most] = integerLimits(dtype);
  if (!Number.isInteger(low) || !Number.isInteger(high) || low < least || high > most) {
    throw badInput(`${dtype} has no values from ${low} to ${high}`, {
      where,
      remedy: 'give whole numbers of its type',
    });
  }
}

/** Of 64-bit integers, those that a double can hold. */
function integerLimits(dtype: DType): readonly [number, number] {
  if (dtype === 'bool') return [0, 1];
  const bits = dtypeBits(dtype);
  if (dtypeKind(dtype) === 'uint') return [0, 2 ** Math.min(bits, 53) - 1];
  return [-(2 ** Math.min(bits - 1, 53)), 2 ** Math.min(bits - 1, 53) - 1];
}
