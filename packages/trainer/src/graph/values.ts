/** Reading values of a graph under construction: where they come from, and shorter names for the parts of that. */
import { constant, type DType, type Shape, Value } from '@rheobase/exporter';

export type Source = Value['source'];
export type Call = Extract<Source, { kind: 'output' }>['call'];

/** A scalar constant of the element type of `like`. */
export function scalarLike<D extends DType>(like: Value<D>, number: number): Value<D> {
  return constant(number, like.dtype);
}

/** The number that a float constant of rank 0 holds, undefined for every other value. */
export function scalarNumber(value: Value): number | undefined {
  const tensor = value.constant;
  if (tensor === undefined || tensor.shape.length > 0) return undefined;
  return tensor.dtype === 'float32' || tensor.dtype === 'float64' ? Number(tensor.data[0]) : undefined;
}

/** The elements of an integer tensor, undefined where they are only known when running. */
export function integersOf(value: Value | undefined): readonly number[] | undefined {
  const tensor = value?.constant;
  if (tensor === undefined) return inferredIntegers(value?.source);
  if (tensor.dtype !== 'int64' && tensor.dtype !== 'int32') return undefined;
  return Array.from(tensor.data as ArrayLike<bigint | number>, Number);
}

/** What shape inference knows of an integer vector that is computed: the parts of a shape, put together again. */
function inferredIntegers(source: Source | undefined): readonly number[] | undefined {
  const elements = source?.kind === 'output' ? source.call.elements?.[source.index] : undefined;
  return elements?.every((dim) => typeof dim === 'number') ? (elements as readonly number[]) : undefined;
}

/** The same value, known to have a shape that inference did not find. */
export function withShape<D extends DType>(value: Value<D>, shape: Shape): Value<D> {
  if (shape === null || value.type.kind !== 'tensor') return value;
  return new Value<D>({ ...value.type, shape }, value.source, value.name);
}

/** All extents, undefined where one of them is not a number. */
export function extentsOf({ shape }: Value): readonly number[] | undefined {
  return shape?.every((dim) => typeof dim === 'number') ? (shape as readonly number[]) : undefined;
}

/** Whether gradients flow through values of this type at all. */
export function isDifferentiable(type: Value['type']): boolean {
  return type.kind === 'tensor' && FLOATS.has(type.dtype);
}

const FLOATS: ReadonlySet<DType> = new Set<DType>(['float32', 'float64', 'float16', 'bfloat16']);
