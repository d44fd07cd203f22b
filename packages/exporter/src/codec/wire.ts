/**
 * The lowest layer of the codec: what the generated readers and writers need beyond protobufjs' Reader and Writer.
 * 64-bit integers without loss, packed numbers kept as a view of the file until somebody asks for them, fields of a
 * later version of the format kept as they stand, and the two limits that keep a hostile file harmless: a length may
 * not point past what holds it, and messages may not nest without end.
 *
 * Source: the Protocol Buffers encoding specification.
 */
import type { Reader, Writer } from 'protobufjs/minimal.js';

/** Protocol Buffers implementations allow a hundred levels; ONNX needs three per subgraph. */
const MAX_DEPTH = 100;

/** Why bytes could not be read, with the byte where reading stopped. The public functions turn it into a RheobaseError. */
export class WireError extends Error {
  constructor(
    readonly reason: string,
    readonly position: number,
  ) {
    super(`${reason} at byte ${position}`);
  }
}

export function checkDepth(reader: Reader, depth: number): void {
  if (depth > MAX_DEPTH) throw new WireError(`messages nested deeper than ${MAX_DEPTH}`, reader.pos);
}

/**
 * Enters a length-delimited field: limits the reader to it and returns its end. The caller sets `reader.len` back.
 */
export function enter(reader: Reader): number {
  const start = reader.pos;
  const end = reader.uint32() + reader.pos;
  if (end > reader.len) {
    const whole = reader.buf.length;
    if (end > whole && reader.len === whole) throw new WireError('truncated', whole);
    throw new WireError('a length that points past its message', start);
  }
  reader.len = end;
  return end;
}

/** The whole of a field that the format's version known here does not have: tag and content. */
export function unknownField(reader: Reader, tag: number, start: number): Uint8Array {
  reader.skipType(tag & 7, 0, tag >>> 3);
  return reader.buf.subarray(start, reader.pos);
}

/** The content of one element of a packable field that was written unpacked. */
export function elementBytes(reader: Reader, wireType: number): Uint8Array {
  const start = reader.pos;
  reader.skipType(wireType);
  return reader.buf.subarray(start, reader.pos);
}

/**
 * A repeated number field as its packed bytes. A file has it in one piece, which stays a view of the file; pieces are
 * joined in a buffer that doubles, so that a field in a million pieces costs no more than its bytes.
 */
export class PackedField {
  private constructor(
    private buffer: Uint8Array,
    private used: number,
    private owned: boolean,
  ) {}

  static append(field: PackedField | undefined, piece: Uint8Array): PackedField {
    if (field === undefined) return new PackedField(piece, piece.length, false);
    const total = field.used + piece.length;
    if (!field.owned || total > field.buffer.length) {
      const grown = new Uint8Array(Math.max(64, total * 2));
      grown.set(field.bytes);
      field.buffer = grown;
      field.owned = true;
    }
    field.buffer.set(piece, field.used);
    field.used = total;
    return field;
  }

  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.used);
  }
}

// The two halves of the 64-bit integer read last. Returning a pair would allocate for every dimension in a file.
let low = 0;
let high = 0;

function readHalves(reader: Reader): void {
  low = 0;
  high = 0;
  const { buf, len } = reader;
  for (let shift = 0; shift < 70; shift += 7) {
    if (reader.pos >= len) throw new RangeError('index out of range');
    const byte = buf[reader.pos++];
    const bits = byte & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high = bits >> 4;
    } else high |= bits << (shift - 32);
    if (byte < 0x80) return;
  }
  throw new WireError('an integer longer than ten bytes', reader.pos);
}

/** A 64-bit integer, signed; unsigned fields are read with `BigInt.asUintN` on top. */
export function readInt64(reader: Reader): bigint {
  readHalves(reader);
  if (high === low >> 31) return BigInt(low);
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

/** A 64-bit integer that must fit in a number. */
export function readSafeInteger(reader: Reader): number {
  const start = reader.pos;
  readHalves(reader);
  const value = high * 2 ** 32 + (low >>> 0);
  if (!Number.isSafeInteger(value)) throw new WireError(`the integer ${value} out of range`, start);
  return value;
}

export function writeInt64(writer: Writer, value: bigint): void {
  if (value >= 0n && value <= 0x7fffffffn) {
    writer.uint32(Number(value));
    return;
  }
  const bits = BigInt.asUintN(64, value);
  // protobufjs takes any pair of halves here; its own Long class only adds arithmetic.
  const halves = { low: Number(bits & 0xffffffffn) | 0, high: Number(bits >> 32n) | 0, unsigned: true };
  writer.uint64(halves as unknown as Parameters<Writer['uint64']>[0]);
}
