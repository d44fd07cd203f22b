/** Constants: tensors, and JavaScript numbers turned into tensors of the element type that the graph needs. */
import { badInput } from '../errors.js';
import {
  type DType,
  dtypeKind,
  numberToBfloat16,
  numberToFloat16,
  storageOf,
  type Tensor,
  tensor,
} from '../tensor/index.js';
import { CallSite } from './call-site.js';
import { Value } from './value.js';

/** A JavaScript value that stands for a tensor: a number for a scalar, a list of them for a vector. */
export type Literal = Scalar | readonly number[] | readonly bigint[] | readonly boolean[] | readonly string[];
type Scalar = number | bigint | boolean | string;

/**
 * A value with fixed elements. Numbers become `dtype` (default: float32 for numbers, int64 for bigints, bool for
 * booleans, string for texts), lists of them vectors.
 * @throws RheobaseError `bad-input` where a number cannot be what `dtype` asks.
 */
export function constant<D extends DType>(elements: Tensor<D>, name?: string): Value<D>;
export function constant(elements: number | readonly number[]): Value<'float32'>;
export function constant(elements: bigint | readonly bigint[]): Value<'int64'>;
export function constant(elements: boolean | readonly boolean[]): Value<'bool'>;
export function constant(elements: string | readonly string[]): Value<'string'>;
export function constant<D extends DType>(elements: Literal, dtype: D, name?: string): Value<D>;
export function constant(elements: Tensor | Literal, second?: string, third?: string): Value {
  if (isTensor(elements)) return constantValue(elements, second);
  return constantValue(literalTensor(elements, (second as DType | undefined) ?? naturalDType(elements)), third);
}

/** A constant of a tensor, placed where its caller was called. */
export function constantValue(elements: Tensor, name?: string, site: CallSite = new CallSite()): Value {
  const type = { kind: 'tensor', dtype: elements.dtype, shape: elements.shape } as const;
  return new Value(type, { kind: 'constant', tensor: elements, site }, name);
}

/**
 * The tensor that a literal stands for.
 * @throws RheobaseError `bad-input` where a number cannot be a `dtype` (a fraction as an integer, 300 as a uint8).
 */
export function literalTensor(elements: Literal, dtype: DType): Tensor {
  if (Array.isArray(elements)) return newTensor(elements, dtype);
  // −0 and 0 have one text.
  const key = Object.is(elements, -0) ? `-0 ${dtype}` : `${typeof elements} ${elements} ${dtype}`;
  const made = scalars.get(key) ?? newTensor(elements, dtype);
  if (scalars.size < MOST_SCALARS) scalars.set(key, made);
  return made;
}

/**
 * Scalars that were made before: models are full of equal ones, tensors do not change, and a typed array is what costs
 * most of a small node.
 */
const scalars = new Map<string, Tensor>();
const MOST_SCALARS = 1024;

function newTensor(elements: Literal, dtype: DType): Tensor {
  const isList = Array.isArray(elements);
  const list: readonly Scalar[] = isList ? elements : [elements as Scalar];
  return tensor(dtype, isList ? [list.length] : [], elementsOf(list, dtype)) as Tensor;
}

/** The element type of a literal that nothing else decides. */
export function naturalDType(elements: Literal): DType {
  const first = Array.isArray(elements) ? elements[0] : elements;
  if (typeof first === 'bigint') return 'int64';
  if (typeof first === 'string') return 'string';
  return typeof first === 'boolean' ? 'bool' : 'float32';
}

const SCALAR_TYPES: ReadonlySet<string> = new Set(['number', 'bigint', 'boolean', 'string']);

function elementsOf(list: readonly Scalar[], dtype: DType): Tensor['data'] {
  // Whoever calls from JavaScript may hand in anything; an object would silently become NaN.
  const stranger = list.findIndex((value) => !SCALAR_TYPES.has(typeof value));
  if (stranger !== -1) throw badInput(`${list[stranger] === null ? 'null' : typeof list[stranger]} is no ${dtype}`);
  const isText = list.some((value) => typeof value === 'string');
  if (isText !== (dtype === 'string') && list.length > 0) throw badInput(`${typeof list[0]} ${list[0]} is no ${dtype}`);
  if (dtype === 'string') return list.map(String);
  if (dtype === 'float16') return Uint16Array.from(list, (value) => numberToFloat16(Number(value)));
  if (dtype === 'bfloat16') return Uint16Array.from(list, (value) => numberToBfloat16(Number(value)));
  const kind = dtypeKind(dtype);
  const Storage = storageOf(dtype);
  if (kind === 'float' && Storage === Uint8Array) throw badInput(`a number does not become ${dtype} by itself`);
  if (kind === 'complex') throw badInput(`a number does not become ${dtype} by itself`);
  if (kind === 'bool') return Uint8Array.from(list, (value) => (value ? 1 : 0));
  if (kind === 'float') return dtype === 'float64' ? Float64Array.from(list, Number) : Float32Array.from(list, Number);
  return integers(list, dtype, Storage);
}

function integers(list: readonly Scalar[], dtype: DType, Storage: ReturnType<typeof storageOf>): Tensor['data'] {
  const data = new Storage(list.length);
  for (const [index, value] of list.entries()) {
    const exact = typeof value === 'number' && !Number.isInteger(value) ? undefined : BigInt(value);
    if (exact === undefined) throw badInput(`${value} is no ${dtype}`);
    data[index] = data instanceof BigInt64Array || data instanceof BigUint64Array ? exact : Number(exact);
    if (BigInt(data[index]) !== exact) throw badInput(`${value} does not fit in ${dtype}`);
  }
  return data;
}

function isTensor(elements: Tensor | Literal): elements is Tensor {
  return typeof elements === 'object' && 'dtype' in elements;
}
