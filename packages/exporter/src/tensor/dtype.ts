/**
 * Element types. Names are those of ONNX Runtime's JavaScript API; numbers are `TensorProto.DataType`
 * (ONNX IR specification, "Standard data types").
 *
 * JavaScript has no array for every element type. Those without one are kept as their raw bits:
 * float16 and bfloat16 in a Uint16Array, the 8-bit floats in a Uint8Array, complex numbers as interleaved
 * (real, imaginary) pairs, and the types narrower than a byte packed as ONNX packs them, low bits first.
 */

interface DTypeRow {
  /** `TensorProto.DataType` number. */
  readonly onnx: number;
  /** Bits per element as stored; 0 for strings, whose size varies. */
  readonly bits: number;
  readonly kind: 'float' | 'int' | 'uint' | 'bool' | 'complex' | 'string';
}

const TABLE = {
  float32: { onnx: 1, bits: 32, kind: 'float' },
  uint8: { onnx: 2, bits: 8, kind: 'uint' },
  int8: { onnx: 3, bits: 8, kind: 'int' },
  uint16: { onnx: 4, bits: 16, kind: 'uint' },
  int16: { onnx: 5, bits: 16, kind: 'int' },
  int32: { onnx: 6, bits: 32, kind: 'int' },
  int64: { onnx: 7, bits: 64, kind: 'int' },
  string: { onnx: 8, bits: 0, kind: 'string' },
  bool: { onnx: 9, bits: 8, kind: 'bool' },
  float16: { onnx: 10, bits: 16, kind: 'float' },
  float64: { onnx: 11, bits: 64, kind: 'float' },
  uint32: { onnx: 12, bits: 32, kind: 'uint' },
  uint64: { onnx: 13, bits: 64, kind: 'uint' },
  complex64: { onnx: 14, bits: 64, kind: 'complex' },
  complex128: { onnx: 15, bits: 128, kind: 'complex' },
  bfloat16: { onnx: 16, bits: 16, kind: 'float' },
  float8e4m3fn: { onnx: 17, bits: 8, kind: 'float' },
  float8e4m3fnuz: { onnx: 18, bits: 8, kind: 'float' },
  float8e5m2: { onnx: 19, bits: 8, kind: 'float' },
  float8e5m2fnuz: { onnx: 20, bits: 8, kind: 'float' },
  uint4: { onnx: 21, bits: 4, kind: 'uint' },
  int4: { onnx: 22, bits: 4, kind: 'int' },
  float4e2m1: { onnx: 23, bits: 4, kind: 'float' },
  float8e8m0: { onnx: 24, bits: 8, kind: 'float' },
  uint2: { onnx: 25, bits: 2, kind: 'uint' },
  int2: { onnx: 26, bits: 2, kind: 'int' },
} as const satisfies Record<string, DTypeRow>;

export type DType = keyof typeof TABLE;

/** The JavaScript storage of each element type. */
export interface DataByDType {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  bfloat16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
  string: readonly string[];
  complex64: Float32Array;
  complex128: Float64Array;
  float8e4m3fn: Uint8Array;
  float8e4m3fnuz: Uint8Array;
  float8e5m2: Uint8Array;
  float8e5m2fnuz: Uint8Array;
  float8e8m0: Uint8Array;
  uint4: Uint8Array;
  int4: Uint8Array;
  float4e2m1: Uint8Array;
  uint2: Uint8Array;
  int2: Uint8Array;
}

export type TypedArray = Exclude<DataByDType[DType], readonly string[]>;
export type TensorData<D extends DType = DType> = DataByDType[D];

export const DTYPES = Object.keys(TABLE) as readonly DType[];

const BY_NUMBER: ReadonlyMap<number, DType> = new Map(DTYPES.map((dtype) => [TABLE[dtype].onnx, dtype]));

export function isDType(name: string): name is DType {
  return Object.hasOwn(TABLE, name);
}

/** The element type of a `TensorProto.DataType` number, undefined where ONNX has none (0 included). */
export function dtypeFromOnnx(number: number): DType | undefined {
  return BY_NUMBER.get(number);
}

/** The `TensorProto.DataType` number of an element type. */
export function dtypeToOnnx(dtype: DType): number {
  return TABLE[dtype].onnx;
}

export function dtypeBits(dtype: DType): number {
  return TABLE[dtype].bits;
}

export function dtypeKind(dtype: DType): DTypeRow['kind'] {
  return TABLE[dtype].kind;
}

export function isFloat(dtype: DType): boolean {
  return TABLE[dtype].kind === 'float';
}
