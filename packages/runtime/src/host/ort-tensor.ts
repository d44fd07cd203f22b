/** Tensors to and from the Tensor class of ONNX Runtime's JavaScript API. */
import { RheobaseError } from '@rheobase/exporter/errors';
import { type DType, isDType, type Tensor, type TypedArray } from '@rheobase/exporter/tensor';
import type { Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-common';

/** The element types that ONNX Runtime's JavaScript API can carry. */
const CARRIED: ReadonlySet<DType> = new Set<DType>([
  'float32',
  'float64',
  'float16',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
  'string',
  'int4',
  'uint4',
]);

/** @throws RheobaseError `unsupported` for an element type that the JavaScript API cannot carry. */
export function toOrtTensor(Constructor: TensorConstructor, name: string, { dtype, shape, data }: Tensor): OrtTensor {
  if (!CARRIED.has(dtype)) {
    throw new RheobaseError('unsupported', `ONNX Runtime's JavaScript API has no ${dtype} tensors`, {
      where: name,
      remedy: 'put a Cast at the edge of the model',
    });
  }
  if (dtype === 'string' && (data as readonly string[]).some((text) => text.includes('\0'))) {
    throw new RheobaseError('unsupported', "ONNX Runtime's JavaScript API cuts a string at its first NUL", {
      where: name,
    });
  }
  // The constructor accepts each storage of the table above; its overloads cannot express that in one call.
  const construct = Constructor as unknown as new (type: string, data: unknown, dims: readonly number[]) => OrtTensor;
  return new construct(dtype, data, shape);
}

/** Copies nothing: the result holds the array that ONNX Runtime gave, float16 as its bits. */
export function fromOrtTensor(name: string, value: OrtTensor): Tensor {
  const dtype: string = value.type;
  if (!isDType(dtype)) throw new RheobaseError('unsupported', `output has the element type ${dtype}`, { where: name });
  const shape = [...value.dims];
  if (dtype === 'string') return { dtype, shape, data: value.data as string[] };
  const array = value.data as unknown as TypedArray;
  const data = dtype === 'float16' ? new Uint16Array(array.buffer, array.byteOffset, array.length) : array;
  return { dtype, shape, data } as Tensor;
}
