/**
 * Tensors from numbers as people write them down: nested arrays, whose nesting is the shape. What is written leaves the
 * element type open, and the input of the model decides it.
 */
import type { ValueSummary } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import { type DType, dtypeKind, isDType, sizeOf, type Tensor, tensor } from '@rheobase/exporter/tensor';
import { tensorFromNumbers } from '../tensor-from-numbers.js';

/** NaN and infinities, which JSON lacks, as text. */
const NAMED_NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
};

/**
 * A tensor for an input from `[[1, 2], [3, 4]]`, a single number, `{ dtype?, shape?, data }`, or a tensor as it is.
 * A flat list takes the shape of the input where that leaves at most one extent open; `"NaN"`, `"Infinity"` and
 * `"-Infinity"` are numbers, and 64-bit integers may be written as text.
 * @throws RheobaseError `bad-input` for ragged arrays, for elements that are no numbers, for integers with a fraction,
 *   and for a list that does not fit the shape.
 */
export function tensorFromValues(value: unknown, input: ValueSummary): Tensor {
  if (isTensor(value)) return tensor(value.dtype, value.shape, value.data);
  const { dtype = input.dtype ?? 'float32', shape, data } = isDescribed(value) ? value : { data: value };
  if (!isDType(dtype)) throw badInput(`${JSON.stringify(dtype)} is no element type`);
  const nested = nestedShape(data);
  const flat = elementsOf(data, nested);
  return fromElements(dtype, shapeFor(shape ?? null, nested, flat.length, input), flat);
}

interface Described {
  readonly dtype?: string;
  readonly shape?: readonly number[];
  readonly data: unknown;
}

function isDescribed(value: unknown): value is Described {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'data' in value;
}

/** Whether the elements are stored as a tensor of that type stores them. */
function isTensor(value: unknown): value is Tensor {
  if (!isDescribed(value) || typeof value.dtype !== 'string' || !isDType(value.dtype)) return false;
  if (!Array.isArray(value.shape)) return false;
  return ArrayBuffer.isView(value.data) || (value.dtype === 'string' && Array.isArray(value.data));
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** Extents along the first element of each level. */
function nestedShape(value: unknown): readonly number[] {
  return isList(value) ? [value.length, ...(value.length === 0 ? [] : nestedShape(value[0]))] : [];
}

function elementsOf(value: unknown, shape: readonly number[]): readonly unknown[] {
  const [extent, ...inner] = shape;
  if (extent === undefined) {
    if (isList(value)) throw badInput('its arrays are nested to different depths');
    return [value];
  }
  if (!isList(value) || value.length !== extent) {
    const got = isList(value) ? `one of ${value.length}` : `${JSON.stringify(value)} in its place`;
    throw badInput(`its arrays differ in length: one has ${extent} elements, and there is ${got}`);
  }
  if (inner.length === 0 && !Array.from(value).some(isList)) return Array.from(value);
  return Array.from(value).flatMap((one) => elementsOf(one, inner));
}

function shapeFor(
  given: readonly number[] | null,
  nested: readonly number[],
  count: number,
  { shape }: ValueSummary,
): readonly number[] {
  if (given !== null) return given;
  if (nested.length > 1 || shape === null || shape.length === nested.length) return nested;
  return filledShape(shape, count) ?? nested;
}

/** A shape with its one open extent such that it has so many elements; null where there is none. */
export function filledShape(shape: readonly (number | string | null)[], count: number): readonly number[] | null {
  const known = sizeOf(shape.filter((dim) => typeof dim === 'number'));
  const open = shape.filter((dim) => typeof dim !== 'number').length;
  if (open > 1 || (open === 0 && known !== count)) return null;
  const extent = count / known;
  if (!Number.isInteger(extent)) return null;
  return shape.map((dim) => (typeof dim === 'number' ? dim : extent));
}

function fromElements(dtype: DType, shape: readonly number[], elements: readonly unknown[]): Tensor {
  if (sizeOf(shape) !== elements.length) {
    throw badInput(`shape [${shape}] takes ${sizeOf(shape)} elements, got ${elements.length}`);
  }
  if (dtype === 'string') return tensor(dtype, shape, elements.map(String));
  if (dtype === 'int64') return tensor(dtype, shape, BigInt64Array.from(elements, wholeNumber));
  if (dtype === 'uint64') return tensor(dtype, shape, BigUint64Array.from(elements, wholeNumber));
  const isWhole = dtypeKind(dtype) === 'int' || dtypeKind(dtype) === 'uint';
  const numbers = elements.map((element) => (isWhole ? Number(wholeNumber(element)) : numberOf(element)));
  return tensorFromNumbers(dtype, shape, (index) => numbers[index] ?? 0);
}

function numberOf(element: unknown): number {
  if (typeof element === 'number') return element;
  if (typeof element === 'boolean' || typeof element === 'bigint') return Number(element);
  const named = typeof element === 'string' ? NAMED_NUMBERS[element] : undefined;
  if (named === undefined) throw badInput(`${JSON.stringify(element) ?? String(element)} is no number`);
  return named;
}

function wholeNumber(element: unknown): bigint {
  if (typeof element === 'bigint') return element;
  if (typeof element === 'string' && /^-?\d+$/.test(element)) return BigInt(element);
  const number = numberOf(element);
  if (!Number.isInteger(number)) throw badInput(`${number} is no whole number, and the input takes integers`);
  return BigInt(number);
}
