/** Makes tensors of any element type out of numbers drawn one by one. */
import { badInput } from '@rheobase/exporter/errors';
import {
  type DType,
  numberToBfloat16,
  numberToFloat16,
  sizeOf,
  storageOf,
  type Tensor,
  tensor,
} from '@rheobase/exporter/tensor';

/**
 * A tensor whose elements `draw` gives in row-major order, converted to the element type: floats rounded to nearest,
 * integers wrapped, booleans true where the number is not 0, strings the decimal text.
 * @throws RheobaseError `bad-input` for complex numbers, floats below 16 bits and integers below 8.
 */
export function tensorFromNumbers(dtype: DType, shape: readonly number[], draw: (index: number) => number): Tensor {
  const size = sizeOf(shape);
  if (dtype === 'string')
    return tensor(
      dtype,
      shape,
      Array.from({ length: size }, (_, i) => String(draw(i))),
    );
  const data = new (storageOf(dtype))(size);
  const write = writerOf(dtype, data);
  for (let i = 0; i < size; i += 1) write(i, draw(i));
  return tensor(dtype, shape, data);
}

type Storage = InstanceType<ReturnType<typeof storageOf>>;

function writerOf(dtype: DType, data: Storage): (index: number, value: number) => void {
  switch (dtype) {
    case 'float16':
      return (index, value) => {
        data[index] = numberToFloat16(value);
      };
    case 'bfloat16':
      return (index, value) => {
        data[index] = numberToBfloat16(value);
      };
    case 'bool':
      return (index, value) => {
        data[index] = value === 0 ? 0 : 1;
      };
    case 'int64':
    case 'uint64':
      return (index, value) => {
        data[index] = BigInt(Math.trunc(value));
      };
    case 'float32':
    case 'float64':
    case 'int8':
    case 'uint8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'uint32':
      return (index, value) => {
        data[index] = value;
      };
    default:
      throw badInput(`values of type ${dtype} cannot be made up`, { remedy: 'give them with --inputs' });
  }
}
