/**
 * The values that are swept. For operators that work element by element every special value goes into one tensor; for
 * all others each class has a run of its own, because one NaN in a sum hides all else.
 */
import { random } from '@rheobase/exporter';
import { type DType, dtypeBits, dtypeKind, sizeOf, type Tensor } from '@rheobase/exporter/tensor';
import { specialValues, tensorFromNumbers } from '../cases/index.js';

/**
 * - `ordinary`: random numbers around 0 (floats in −3 … 3, integers in −9 … 9 or 0 … 9, none of them 0).
 * - `unit`: random numbers in 0.05 … 0.95, where logarithms, roots and arc functions are defined.
 * - `ties`: few values, often repeated, halves among them.
 * - `zeros`, `denormals`, `large`, `infinities`, `nans`: all elements of that class, both signs.
 * - `one-nan`, `one-infinity`: one such element among ordinary ones.
 * - `ends`: the ends of an integer type and their neighbours.
 * - `all`: every special value one after the other, with thresholds of casts and of exponentials.
 */
export const VALUE_CLASSES = [
  ...(['ordinary', 'unit', 'ties', 'zeros', 'denormals', 'large', 'infinities', 'nans'] as const),
  ...(['one-nan', 'one-infinity', 'ends', 'all'] as const),
] as const;
export type ValueClass = (typeof VALUE_CLASSES)[number];

/** The classes that tell something about an element type. */
export function valueClassesOf(dtype: DType, elementwise: boolean): readonly ValueClass[] {
  switch (dtypeKind(dtype)) {
    case 'float':
      if (elementwise) return ['ordinary', 'unit', 'all'];
      return VALUE_CLASSES.filter((name) => name !== 'ends' && name !== 'all');
    case 'int':
    case 'uint':
      return elementwise ? ['ordinary', 'ends', 'all'] : ['ordinary', 'ties', 'zeros', 'ends'];
    default:
      return ['ordinary'];
  }
}

/**
 * A tensor of a class. `position` is the input's number: a second input gets other random numbers, and starts
 * elsewhere among the special ones.
 */
export function sweepTensor(dtype: DType, shape: readonly number[], name: ValueClass, position: number): Tensor {
  const ends = dtypeKind(dtype) === 'int' || dtypeKind(dtype) === 'uint';
  if (ends && (name === 'ends' || name === 'all')) return cycled(dtype, shape, integerValues(dtype, name), position);
  return tensorFromNumbers(dtype, shape, drawOf(dtype, sizeOf(shape), name, position));
}

type Draw = (index: number) => number;

function drawOf(dtype: DType, size: number, name: ValueClass, position: number): Draw {
  const stream = random(position, name);
  const ordinary = ordinaryDraw(dtype, () => stream.uniform());
  const special = specialValues(dtype);
  const cycle =
    (values: readonly number[]): Draw =>
    (index) =>
      values[(index + position) % values.length];
  const oneOf =
    (value: number): Draw =>
    (index) =>
      index === size >> 1 && position === 0 ? value : ordinary(index);
  switch (name) {
    case 'ordinary':
    case 'ends':
      return ordinary;
    case 'unit':
      return () => 0.05 + 0.9 * stream.uniform();
    case 'ties':
      return cycle(dtypeKind(dtype) === 'float' ? [0.5, 1.5, 1.5, -0.5, 2.5, 0.5] : [1, 2, 2, 1, 3]);
    case 'one-nan':
      return oneOf(Number.NaN);
    case 'one-infinity':
      return oneOf(Number.POSITIVE_INFINITY);
    case 'all':
      return cycle([...Object.values(special).flat(), ...THRESHOLDS]);
    default:
      return cycle(special[name] ?? [0]);
  }
}

function ordinaryDraw(dtype: DType, uniform: () => number): Draw {
  switch (dtypeKind(dtype)) {
    case 'float':
      return () => -3 + 6 * uniform();
    case 'int':
      return () => (1 + Math.floor(9 * uniform())) * (uniform() < 0.5 ? -1 : 1);
    case 'bool':
      return () => (uniform() < 0.5 ? 0 : 1);
    default:
      return () => 1 + Math.floor(9 * uniform());
  }
}

/** Where rounding, casts, exponentials and periodic functions turn: halves, ends of integer types, logs of the largest. */
const THRESHOLDS: readonly number[] = [
  ...[0.5, 1.5, 2.5, 0.49999997, 8388609, 0.1, 2, 10].flatMap((value) => [value, -value]),
  ...[
    127,
    128,
    -129,
    255,
    256,
    32767,
    32768,
    65535,
    65536,
    2 ** 24 + 2,
    2 ** 31,
    -(2 ** 31),
    2 ** 32,
    2 ** 63,
    2 ** 64,
  ],
  ...[20, 88, 89, 104, 709, 710].flatMap((value) => [value, -value]),
  ...[Math.PI, Math.PI / 2, 100, 10_000, 1e10].flatMap((value) => [value, -value]),
];

/** `ends` has no 0, so that what divides by it says something of the ends. */
function integerValues(dtype: DType, name: 'ends' | 'all'): readonly bigint[] {
  const bits = BigInt(dtypeBits(dtype));
  const signed = dtypeKind(dtype) === 'int';
  const max = signed ? 2n ** (bits - 1n) - 1n : 2n ** bits - 1n;
  const ends = signed ? [max, max - 1n, -max, -max - 1n, 1n, -1n, 2n] : [max, max - 1n, 1n, 2n];
  const middle = [0n, 3n, 7n, bits - 1n, bits, 2n ** (bits / 2n), 2n ** (bits - 2n), 10n];
  return name === 'ends' ? ends : [...ends, ...middle, ...(signed ? [-3n, -7n] : [])];
}

function cycled(dtype: DType, shape: readonly number[], values: readonly bigint[], position: number): Tensor {
  const at = (index: number): bigint => values[(index + position) % values.length];
  if (dtypeBits(dtype) < 64) return tensorFromNumbers(dtype, shape, (index) => Number(at(index)));
  const elements = Array.from({ length: sizeOf(shape) }, (_, index) => at(index));
  return dtypeKind(dtype) === 'int'
    ? { dtype, shape, data: BigInt64Array.from(elements) }
    : { dtype, shape, data: BigUint64Array.from(elements) };
}
