/**
 * IDX files, the format of MNIST and its relatives: two zero bytes, an element type, the rank, each extent as a
 * big-endian uint32, then the elements in row-major order, big-endian.
 * Source: the format description that accompanies the MNIST database (LeCun, Cortes, Burges).
 */
import { badInput } from '@rheobase/exporter/errors';
import { type DType, sizeOf, type Tensor, tensorFromBytes } from '@rheobase/exporter/tensor';

const ELEMENT_TYPES: Readonly<Record<number, Exclude<DType, 'string'>>> = {
  8: 'uint8',
  9: 'int8',
  11: 'int16',
  12: 'int32',
  13: 'float32',
  14: 'float64',
};

const ELEMENT_BYTES: Readonly<Partial<Record<DType, number>>> = {
  uint8: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  float32: 4,
  float64: 8,
};

/**
 * Reads an IDX file's bytes as a tensor; elements of one byte stay a view of `bytes`.
 * @param name what errors call the file.
 * @throws RheobaseError `bad-input` where the header is not IDX or the file is cut short or too long.
 */
export function readIdx(bytes: Uint8Array, name: string): Tensor {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    throw badInput('is not an IDX file, or a damaged one: it does not begin with two zero bytes', { where: name });
  }
  const dtype = ELEMENT_TYPES[bytes[2]];
  if (dtype === undefined) throw badInput(`has the unknown element type 0x${bytes[2].toString(16)}`, { where: name });
  const rank = bytes[3];
  const header = 4 + 4 * rank;
  if (bytes.length < header) throw badInput(`is cut short in its header at byte ${bytes.length}`, { where: name });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis, false));
  const elementBytes = ELEMENT_BYTES[dtype] ?? 1;
  const expected = header + sizeOf(shape) * elementBytes;
  if (bytes.length !== expected) {
    throw badInput(`holds ${bytes.length} bytes, its header [${shape}] of ${dtype} asks for ${expected}`, {
      where: name,
    });
  }
  const elements = bytes.subarray(header);
  return tensorFromBytes(dtype, shape, elementBytes === 1 ? elements : littleEndian(elements, elementBytes));
}

function littleEndian(bytes: Uint8Array, elementBytes: number): Uint8Array {
  const swapped = bytes.slice();
  for (let start = 0; start < swapped.length; start += elementBytes) {
    swapped.subarray(start, start + elementBytes).reverse();
  }
  return swapped;
}
