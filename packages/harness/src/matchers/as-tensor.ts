/** What a test holds in its hands as a tensor: a tensor, a typed array, a number, or lists of elements, nested or flat. */
import { badInput } from '@rheobase/exporter/errors';
import { type DType, storageLength, storageOf, type Tensor, type TypedArray, tensor } from '@rheobase/exporter/tensor';

export type Element = number | bigint | boolean | string;
export type NestedList = readonly (Element | NestedList)[];

/** One tensor's worth: lists are taken as the type of the tensor they are compared with, else by what is in them. */
export type TensorLike = Tensor | TypedArray | Element | NestedList;

/**
 * `like`: the other side, which says what a list's elements are, and the shape of what is flat.
 * @throws RheobaseError `bad-input` for lists that are ragged or mixed, and elements that do not fit their type.
 */
export function asTensor(value: TensorLike, role: string, like: Tensor | null): Tensor {
  if (isTensor(value)) return checked(value, role);
  if (ArrayBuffer.isView(value)) {
    const dtype = dtypeOf(value, like);
    return { dtype, shape: shapeLike(value.length, [value.length], like), data: value } as Tensor;
  }
  const { shape, elements } = flattened(value, role);
  return fromElements(
    elements,
    shapeLike(elements.length, shape, like),
    like?.dtype ?? dtypeOfElements(elements),
    role,
  );
}

export function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && 'dtype' in value && 'shape' in value && 'data' in value;
}

/** Whether it is, or is a list that holds, elements and nothing else. */
export function isElements(value: unknown): value is Element | NestedList {
  if (Array.isArray(value)) return value.every(isElements);
  return ['number', 'bigint', 'boolean', 'string'].includes(typeof value);
}

function checked(value: Tensor, role: string): Tensor {
  const length = storageLength(value.dtype, value.shape);
  if (value.data.length === length) return value;
  throw badInput(`has ${value.data.length} elements, and its shape [${value.shape}] takes ${length}`, { where: role });
}

const DTYPE_OF_ARRAY: readonly (readonly [new (length: number) => TypedArray, DType])[] = [
  [Float32Array, 'float32'],
  [Float64Array, 'float64'],
  [Int8Array, 'int8'],
  [Uint8Array, 'uint8'],
  [Int16Array, 'int16'],
  [Uint16Array, 'uint16'],
  [Int32Array, 'int32'],
  [Uint32Array, 'uint32'],
  [BigInt64Array, 'int64'],
  [BigUint64Array, 'uint64'],
];

/** An array stores several types: bits of float16 are a Uint16Array, and what it is compared with says so. */
function dtypeOf(array: ArrayBufferView, like: Tensor | null): DType {
  if (like !== null && like.dtype !== 'string' && array instanceof storageOf(like.dtype)) return like.dtype;
  const known = DTYPE_OF_ARRAY.find(([Constructor]) => array instanceof Constructor);
  if (known === undefined) throw badInput(`a ${array.constructor.name} holds no tensor's elements`);
  return known[1];
}

/** A flat value takes the shape of the other side where that has as many elements. */
function shapeLike(length: number, shape: readonly number[], like: Tensor | null): readonly number[] {
  const isFlat = shape.length <= 1;
  return isFlat && like !== null && storageLength(like.dtype, like.shape) === length ? like.shape : shape;
}

function flattened(value: Element | NestedList, role: string): { shape: readonly number[]; elements: Element[] } {
  if (!Array.isArray(value)) return { shape: [], elements: [value as Element] };
  const parts = value.map((part) => flattened(part as Element | NestedList, role));
  const shape = parts[0]?.shape ?? [];
  if (parts.some((part) => part.shape.join() !== shape.join())) {
    throw badInput('is a ragged list: its rows differ in length', { where: role });
  }
  return { shape: [value.length, ...shape], elements: parts.flatMap(({ elements }) => elements) };
}

function dtypeOfElements([first]: readonly Element[]): DType {
  switch (typeof first) {
    case 'bigint':
      return 'int64';
    case 'boolean':
      return 'bool';
    case 'string':
      return 'string';
    default:
      return 'float64';
  }
}

function fromElements(elements: readonly Element[], shape: readonly number[], dtype: DType, role: string): Tensor {
  if (dtype === 'string') return tensor(dtype, shape, elements.map(String));
  const Storage = storageOf(dtype);
  // Elements of the packed and the small float types are bit patterns, which nobody writes by hand.
  const isPlain = DTYPE_OF_ARRAY.some(([, known]) => known === dtype) || dtype === 'bool';
  if (!isPlain) {
    throw badInput(`a list cannot stand for ${dtype}`, { where: role, remedy: `give a tensor, or a ${Storage.name}` });
  }
  const isWide = dtype === 'int64' || dtype === 'uint64';
  const isReal = dtype === 'float32' || dtype === 'float64';
  const stray = elements.find(
    (element) => typeof element === 'string' || (!isReal && !Number.isInteger(Number(element))),
  );
  if (stray !== undefined) throw badInput(`${JSON.stringify(stray)} is no ${dtype}`, { where: role });
  const data = isWide
    ? (Storage as BigInt64ArrayConstructor).from(elements.map((element) => BigInt(element)))
    : (Storage as Float64ArrayConstructor).from(elements.map(Number));
  const wrapped = isReal ? -1 : elements.findIndex((element, index) => Number(element) !== Number(data[index]));
  if (wrapped >= 0) throw badInput(`${elements[wrapped]} is out of the range of ${dtype}`, { where: role });
  return { dtype, shape, data } as Tensor;
}
