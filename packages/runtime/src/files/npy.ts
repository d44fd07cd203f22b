/**
 * Tensors as NumPy's .npy files. Read: booleans, integers, floats of 16 to 64 bits, complex numbers, and fixed-width
 * strings, little or big endian, in C or Fortran order. Written: little endian, C order.
 *
 * NumPy has no bfloat16, no 8-bit floats and nothing narrower than a byte; those go into ONNX's own .pb files.
 */
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import { bytesOf, type DType, sizeOf, storageOf, type Tensor, tensorFromBytes } from '@rheobase/exporter/tensor';
import { type NpyHeader, readNpyHeader, writeNpyHeader } from './npy-header.js';

type NumericDType = Exclude<DType, 'string'>;

/** NumPy's type code and item size, without byte order. */
const CODES: Readonly<Partial<Record<NumericDType, string>>> = {
  bool: 'b1',
  int8: 'i1',
  uint8: 'u1',
  int16: 'i2',
  uint16: 'u2',
  int32: 'i4',
  uint32: 'u4',
  int64: 'i8',
  uint64: 'u8',
  float16: 'f2',
  float32: 'f4',
  float64: 'f8',
  complex64: 'c8',
  complex128: 'c16',
};
const DTYPES = new Map(Object.entries(CODES).map(([dtype, code]) => [code, dtype as NumericDType]));

/** Strings of no width at all take no bytes, so only this bounds their number. */
const MAX_EMPTY_STRINGS = 2 ** 20;

/**
 * @returns the array; its elements are a view of `bytes` where they lie as a tensor wants them.
 * @throws RheobaseError `bad-input` where the bytes are no whole .npy file, `unsupported` for other element types
 *   (Python objects, dates, records).
 */
export function decodeNpy(bytes: Uint8Array): Tensor {
  const { header, offset } = readNpyHeader(bytes);
  const [, order, code, width] = /^([<>=|]?)([a-zA-Z?])(\d*)$/.exec(header.descr) ?? [];
  const body = bytes.subarray(offset);
  const bigEndian = order === '>';
  if (code === 'U' || code === 'S') {
    const unit = code === 'U' ? 4 : 1;
    const items = itemsOf(body, header, Number(width) * unit, `${header.descr} strings`);
    const read = code === 'U' ? (item: Uint8Array) => ucs4(item, bigEndian) : utf8;
    return { dtype: 'string', shape: header.shape, data: items.map(read) };
  }
  const dtype = DTYPES.get(code === '?' ? 'b1' : `${code}${width}`);
  if (dtype === undefined) {
    throw new RheobaseError('unsupported', `holds elements of NumPy's type ${JSON.stringify(header.descr)}`);
  }
  const stored = storageOf(dtype).BYTES_PER_ELEMENT;
  const itemBytes = Number(width || 1);
  checkLength(body, sizeOf(header.shape) * itemBytes, `${dtype} [${header.shape}]`);
  const native = bigEndian && stored > 1 ? byteSwapped(body, stored) : body;
  const ordered = header.fortranOrder ? rowMajor(native, header.shape, itemBytes) : native;
  return tensorFromBytes(dtype, header.shape, ordered);
}

/** @throws RheobaseError `unsupported` for element types that NumPy lacks. */
export function encodeNpy(tensor: Tensor): Uint8Array {
  const { dtype, shape } = tensor;
  const body =
    dtype === 'string'
      ? encodeStrings(tensor.data as readonly string[])
      : { descr: descrOf(dtype), bytes: bytesOf(tensor) };
  const header = writeNpyHeader({ descr: body.descr, fortranOrder: false, shape });
  const file = new Uint8Array(header.length + body.bytes.length);
  file.set(header);
  file.set(body.bytes, header.length);
  return file;
}

function descrOf(dtype: NumericDType): string {
  const code = CODES[dtype];
  if (code === undefined) {
    throw new RheobaseError('unsupported', `NumPy has no ${dtype}`, { remedy: 'write an ONNX tensor (.pb)' });
  }
  return `${code.endsWith('1') && code.length === 2 ? '|' : '<'}${code}`;
}

function checkLength(body: Uint8Array, expected: number, what: string): void {
  if (body.length < expected) {
    throw badInput(`is cut short: ${what} takes ${expected} bytes, and there are ${body.length}`);
  }
  if (body.length > expected) throw badInput(`has ${body.length - expected} bytes after its ${what}`);
}

function itemsOf(body: Uint8Array, header: NpyHeader, itemBytes: number, what: string): readonly Uint8Array[] {
  const size = sizeOf(header.shape);
  if (itemBytes === 0 && size > MAX_EMPTY_STRINGS) throw badInput(`has ${size} strings without a letter`);
  checkLength(body, size * itemBytes, `[${header.shape}] of ${what}`);
  const ordered = header.fortranOrder ? rowMajor(body, header.shape, itemBytes) : body;
  return Array.from({ length: size }, (_, index) => ordered.subarray(index * itemBytes, (index + 1) * itemBytes));
}

/** Code points of four bytes, padded with zeros. */
function ucs4(item: Uint8Array, bigEndian: boolean): string {
  const view = new DataView(item.buffer, item.byteOffset, item.byteLength);
  const points = Array.from({ length: item.length / 4 }, (_, index) => view.getUint32(index * 4, !bigEndian));
  const bad = points.find((point) => point > 0x10ffff);
  if (bad !== undefined) throw badInput(`has a string with the code point ${bad}`);
  const end = points.findLastIndex((point) => point !== 0) + 1;
  return points
    .slice(0, end)
    .map((point) => String.fromCodePoint(point))
    .join('');
}

function utf8(item: Uint8Array): string {
  const end = item.findLastIndex((byte) => byte !== 0) + 1;
  return new TextDecoder().decode(item.subarray(0, end));
}

function encodeStrings(strings: readonly string[]): { bytes: Uint8Array; descr: string } {
  const points = strings.map((text) => Array.from(text, (letter) => letter.codePointAt(0) ?? 0));
  const width = points.reduce((most, { length }) => Math.max(most, length), 1);
  const bytes = new Uint8Array(strings.length * width * 4);
  const view = new DataView(bytes.buffer);
  for (const [item, letters] of points.entries()) {
    for (const [index, point] of letters.entries()) view.setUint32((item * width + index) * 4, point, true);
  }
  return { bytes, descr: `<U${width}` };
}

function byteSwapped(bytes: Uint8Array, unit: number): Uint8Array {
  const swapped = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += unit) {
    for (let byte = 0; byte < unit; byte += 1) swapped[at + byte] = bytes[at + unit - 1 - byte] ?? 0;
  }
  return swapped;
}

/** Items stored with the first index running fastest, as items stored with the last one running fastest. */
function rowMajor(bytes: Uint8Array, shape: readonly number[], itemBytes: number): Uint8Array {
  const ordered = new Uint8Array(bytes.length);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)) * itemBytes);
  const index = shape.map(() => 0);
  for (let to = 0; to < bytes.length; to += itemBytes) {
    const from = index.reduce((sum, position, axis) => sum + position * (strides[axis] ?? 0), 0);
    ordered.set(bytes.subarray(from, from + itemBytes), to);
    advance(index, shape);
  }
  return ordered;
}

/** The next index in row-major order, in place. */
function advance(index: number[], shape: readonly number[]): void {
  for (let axis = index.length - 1; axis >= 0; axis -= 1) {
    const next = (index[axis] ?? 0) + 1;
    if (next < (shape[axis] ?? 0)) {
      index[axis] = next;
      return;
    }
    index[axis] = 0;
  }
}
