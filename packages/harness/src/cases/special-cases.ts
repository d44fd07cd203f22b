/**
 * Cases of special values: what floating-point formats have beside ordinary numbers, and where providers differ first.
 * Each class has a case of its own, because in a model that adds things up one NaN hides all else; a sweep through all
 * of them follows, for models that work element by element.
 */
import { integerIn, type Model, random } from '@rheobase/exporter';
import { type DType, dtypeBits, dtypeKind, isFloat, sizeOf, type Tensor } from '@rheobase/exporter/tensor';
import type { Case, Dims } from './case.js';
import { type InputSpec, inputSpecs } from './input-shapes.js';
import { rangeOfInput } from './integer-ranges.js';
import { tensorFromNumbers } from './tensor-from-numbers.js';

interface FloatLimits {
  readonly smallestDenormal: number;
  readonly smallestNormal: number;
  readonly largest: number;
  /** Distance from 1 to the next number. */
  readonly epsilon: number;
}

const LIMITS: Readonly<Partial<Record<DType, FloatLimits>>> = {
  float16: { smallestDenormal: 2 ** -24, smallestNormal: 2 ** -14, largest: 65504, epsilon: 2 ** -10 },
  bfloat16: {
    smallestDenormal: 2 ** -133,
    smallestNormal: 2 ** -126,
    largest: (2 - 2 ** -7) * 2 ** 127,
    epsilon: 2 ** -7,
  },
  float32: {
    smallestDenormal: 2 ** -149,
    smallestNormal: 2 ** -126,
    largest: (2 - 2 ** -23) * 2 ** 127,
    epsilon: 2 ** -23,
  },
  float64: {
    smallestDenormal: 2 ** -1074,
    smallestNormal: 2 ** -1022,
    largest: Number.MAX_VALUE,
    epsilon: 2 ** -52,
  },
};

/** The special values of a floating-point type by class, each class with both signs. */
export function specialValues(dtype: DType): Readonly<Record<string, readonly number[]>> {
  const { smallestDenormal, smallestNormal, largest, epsilon } = LIMITS[dtype] ?? FLOAT32_LIMITS;
  const signed = (...values: number[]): number[] => values.flatMap((value) => [value, -value]);
  return {
    zeros: signed(0),
    denormals: signed(smallestDenormal, smallestNormal - smallestDenormal),
    normals: signed(smallestNormal, 1 - epsilon / 2, 1, 1 + epsilon, 3),
    large: signed(largest / 2, largest),
    infinities: signed(Infinity),
    nans: [Number.NaN],
  };
}

const FLOAT32_LIMITS: FloatLimits = {
  smallestDenormal: 2 ** -149,
  smallestNormal: 2 ** -126,
  largest: (2 - 2 ** -23) * 2 ** 127,
  epsilon: 2 ** -23,
};

/**
 * Yields `special/zeros`, `special/denormals`, …, then `special/sweep0`, … as many as it takes for every value to come
 * up in every floating-point input, and to meet every other where a model has two. Integer inputs take the ends of their
 * range, indices and shapes stay valid; booleans alternate.
 * @throws RheobaseError as `inputSpecs`, before the first case.
 */
export function* specialCases(model: Model, { dims }: { readonly dims?: Dims } = {}): Iterable<Case> {
  const specs = inputSpecs(model, dims);
  const floats = specs.filter(({ dtype }) => isFloat(dtype));
  for (const className of Object.keys(specialValues('float32'))) {
    if (floats.length === 0) break;
    yield {
      name: `special/${className}`,
      feeds: feedsOf(model, specs, (spec, _, index) => cyclic(specialValues(spec.dtype)[className] ?? [], index)),
    };
  }
  const count = sweepLength(floats);
  for (let sweep = 0; sweep < count; sweep += 1) {
    yield {
      name: `special/sweep${sweep}`,
      feeds: feedsOf(model, specs, (spec, position, index) => {
        const all = Object.values(specialValues(spec.dtype)).flat();
        return cyclic(all, index + sweep * (position === 0 ? firstStride(spec) : position));
      }),
    };
  }
}

/** One input: until all values have come up. Several: once per value, each time with another pairing. */
function sweepLength(floats: readonly InputSpec[]): number {
  const values = Object.values(specialValues('float32')).flat().length;
  const [first, ...others] = floats;
  if (first === undefined) return 1;
  return others.length > 0 ? values : Math.ceil(values / Math.max(1, sizeOf(first.shape)));
}

/** Where the first input is too small for all values at once, the next case goes on where the last one ended. */
function firstStride({ shape, dtype }: InputSpec): number {
  const size = sizeOf(shape);
  return size < Object.values(specialValues(dtype)).flat().length ? Math.max(1, size) : 0;
}

type PickFloat = (spec: InputSpec, position: number, index: number) => number;

function feedsOf(model: Model, specs: readonly InputSpec[], pick: PickFloat): Record<string, Tensor> {
  const feeds = specs.map((spec, position) => {
    const draw = isFloat(spec.dtype)
      ? (index: number) => pick(spec, position, index)
      : discreteValues(model, spec, position);
    return [spec.name, tensorFromNumbers(spec.dtype, spec.shape, draw)] as const;
  });
  return Object.fromEntries(feeds);
}

function discreteValues(model: Model, { name, dtype }: InputSpec, position: number): (index: number) => number {
  if (dtype === 'bool') return (index) => (index + position) % 2;
  const range = rangeOfInput(model, name);
  if (range !== null) {
    const stream = random(0, name);
    return () => integerIn(stream, range.low, range.high);
  }
  return (index) => cyclic(integerEnds(dtype), index + position);
}

/** Ends that a double can hold: those of 64-bit integers are its own. */
function integerEnds(dtype: DType): readonly number[] {
  const bits = Math.min(dtypeBits(dtype), 53);
  if (dtypeKind(dtype) === 'uint') return [0, 1, 2 ** bits - 1];
  if (dtypeKind(dtype) === 'int') return [0, 1, -1, 2 ** (bits - 1) - 1, -(2 ** (bits - 1))];
  return [0, 1];
}

function cyclic(values: readonly number[], index: number): number {
  return values[index % values.length] ?? 0;
}
