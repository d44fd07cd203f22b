/**
 * The header of a .npy file: a magic string, a version, a length, and a Python dictionary as text.
 * Source: NumPy, "numpy.lib.format", versions 1.0 to 3.0.
 */
import { badInput, RheobaseError } from '@rheobase/exporter/errors';

export interface NpyHeader {
  /** NumPy's type string, e.g. `<f4`. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

const MAGIC = [0x93, ...new TextEncoder().encode('NUMPY')];
/** Where the elements start is a multiple of this. */
const ALIGNMENT = 64;

/**
 * @returns the header and the offset of the first element.
 * @throws RheobaseError `bad-input` where the bytes are no such file, `unsupported` for structured types.
 */
export function readNpyHeader(bytes: Uint8Array): { header: NpyHeader; offset: number } {
  if (bytes.length < 10 || MAGIC.some((byte, index) => bytes[index] !== byte)) throw badInput('is no .npy file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) throw badInput(`is of .npy version ${version}, of which nothing is known`);
  if (version > 1 && bytes.length < 12) throw badInput('is cut short inside its header');
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const offset = start + length;
  if (offset > bytes.length) throw badInput('is cut short inside its header');
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, offset));
  return { header: parseHeader(text), offset };
}

/** Magic, version, length and dictionary, padded with spaces so that the elements are aligned. */
export function writeNpyHeader({ descr, fortranOrder, shape }: NpyHeader): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${descr}', 'fortran_order': ${fortranOrder ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  // Version 1 has two bytes for the length; a shape long enough to need more takes version 2.
  const version = dictionary.length + ALIGNMENT < 2 ** 16 ? 1 : 2;
  const start = version === 1 ? 10 : 12;
  const total = Math.ceil((start + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = new Uint8Array(total);
  header.set(MAGIC);
  header[6] = version;
  const view = new DataView(header.buffer);
  if (version === 1) view.setUint16(8, total - start, true);
  else view.setUint32(8, total - start, true);
  header.set(new TextEncoder().encode(`${dictionary.padEnd(total - start - 1)}\n`), start);
  return header;
}

/** The three keys may come in any order; their values are literals of a fixed form. */
function parseHeader(text: string): NpyHeader {
  const descr = /['"]descr['"]\s*:\s*(?:['"]([^'"]*)['"]|(\[))/.exec(text);
  if (descr?.[2] !== undefined) throw new RheobaseError('unsupported', 'holds records, not numbers or strings');
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /['"]shape['"]\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (descr?.[1] === undefined || order === undefined || shape === undefined) {
    throw badInput('has a damaged header');
  }
  return { descr: descr[1], fortranOrder: order === 'True', shape: parseShape(shape) };
}

/** `3, 4` or `3,`, in files of Python 2 `3L, 4L`. */
function parseShape(text: string): readonly number[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  const shape = parts.map((part) => (/^\d+L?$/.test(part) ? Number.parseInt(part, 10) : Number.NaN));
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (!shape.every(Number.isSafeInteger) || !Number.isSafeInteger(size)) throw badInput(`has the shape (${text})`);
  return shape;
}
