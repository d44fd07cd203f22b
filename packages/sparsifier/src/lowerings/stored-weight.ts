/**
 * Weights as a model holds them: a constant matrix, or one that nodes turn into floats first (Cast from 16 bits,
 * DequantizeLinear from 8, Transpose). A sparse product picks rows of what is stored and turns only those into floats, so that
 * weights of one byte cost one byte to read.
 */
import { type Initializer, intAttribute, intsAttribute, type Node } from '@rheobase/exporter';
import { type DType, dtypeFromOnnx, dtypeToOnnx, isFloat } from '@rheobase/exporter/tensor';
import type { Fragment } from './fragment.js';
import type { NewConstants } from './new-constants.js';
import type { Scope } from './scope.js';
import type { Pick } from './select.js';

/** How a stored matrix `[inner, outer]` becomes floats. */
export type Decoding =
  | { readonly kind: 'none' }
  | { readonly kind: 'cast'; readonly to: DType }
  | {
      readonly kind: 'dequantize';
      readonly scale: Initializer;
      /** Undefined where it is 0. */
      readonly zeroPoint: Initializer | undefined;
      /** Along which axis of `[inner, outer]` scales and zero points lie; null for one of all. */
      readonly axis: 0 | 1 | null;
    };

export interface WeightRows {
  /** The constant `[inner, outer]`, a contiguous row for each neuron. */
  readonly stored: Initializer;
  readonly decoding: Decoding;
}

/** What a weight is made from. */
export interface StoredWeight {
  readonly stored: Initializer;
  /** True where the weight is the stored matrix the other way round. */
  readonly isTransposed: boolean;
  /** Its axis, where it has one, is that of the stored matrix. */
  readonly decoding: Decoding;
  /** Element type after decoding. */
  readonly dtype: DType;
}

/** The weight behind a name, or why it is none that can be read row by row. */
export function readStoredWeight(name: string, scope: Scope): StoredWeight | string {
  const stored = scope.constant(name);
  if (stored !== undefined) return { stored, isTransposed: false, decoding: { kind: 'none' }, dtype: stored.dtype };
  const node = scope.producer(name);
  if (node === undefined || node.domain !== '' || !DECODERS.has(node.opType)) return 'its weight is no constant';
  const inner = readStoredWeight(node.inputs[0] ?? '', scope);
  if (typeof inner === 'string' || node.opType === 'Identity') return inner;
  if (node.opType === 'Transpose') return transposedOnce(node, inner);
  if (inner.decoding.kind !== 'none') return 'its weight is decoded twice';
  return node.opType === 'Cast' ? cast(node, inner) : dequantized(node, inner, scope);
}

const DECODERS: ReadonlySet<string> = new Set(['Identity', 'Transpose', 'Cast', 'DequantizeLinear']);

function transposedOnce(node: Node, inner: StoredWeight): StoredWeight | string {
  const order = intsAttribute(node, 'perm');
  if (inner.stored.shape.length !== 2) return `its weight has rank ${inner.stored.shape.length}`;
  return order.length === 0 || order[0] === 1 ? { ...inner, isTransposed: !inner.isTransposed } : inner;
}

function cast(node: Node, inner: StoredWeight): StoredWeight | string {
  const to = dtypeFromOnnx(intAttribute(node, 'to', 0));
  if (to === undefined || !isFloat(to) || !isFloat(inner.dtype)) return `its weight is cast from ${inner.dtype}`;
  return { ...inner, decoding: { kind: 'cast', to }, dtype: to };
}

function dequantized(node: Node, inner: StoredWeight, scope: Scope): StoredWeight | string {
  const [, scaleName = '', zeroPointName = ''] = node.inputs;
  const scale = scope.constant(scaleName);
  const zeroPoint = zeroPointName === '' ? undefined : scope.constant(zeroPointName);
  if (inner.dtype !== 'int8' && inner.dtype !== 'uint8') return `its weight is dequantized from ${inner.dtype}`;
  if (scale === undefined || (zeroPointName !== '' && zeroPoint === undefined)) return 'its scale is no constant';
  if (intAttribute(node, 'block_size', 0) !== 0 || scale.shape.length > 1) return 'its weight is quantized in blocks';
  const isSingle = scale.shape.every((extent) => extent === 1);
  const given = intAttribute(node, 'axis', 1);
  const along = ((given < 0 ? given + 2 : given) === 0) === inner.isTransposed ? 1 : 0;
  const rank = inner.stored.shape.length;
  // A convolution's kernel keeps its axis 0: output channels.
  const axis = rank === 2 ? along : given === 0 ? 0 : undefined;
  if (axis === undefined && !isSingle) return `its weight is quantized along axis ${given}`;
  const decoding = { kind: 'dequantize', scale, zeroPoint, axis: isSingle ? null : (axis ?? null) } as const;
  return { ...inner, decoding, dtype: scale.dtype };
}

/** The stored matrix, transposed if need be, so that it is `[inner, outer]`. */
export function weightRows(
  { stored, decoding }: StoredWeight,
  isTransposed: boolean,
  constants: NewConstants,
): WeightRows {
  const [first = 0, second = 0] = stored.shape;
  const rows = isTransposed ? constants.transposed(stored, first, second) : stored;
  if (decoding.kind !== 'dequantize' || decoding.axis === null) return { stored: rows, decoding };
  return { stored: rows, decoding: { ...decoding, axis: (decoding.axis === 0) === isTransposed ? 1 : 0 } };
}

/** The picked rows as floats: `[k, outer]`. */
export function decodedRows({ stored, decoding }: WeightRows, pick: Pick, into: Fragment): string {
  const rows = pick(stored.name, 0, into);
  if (decoding.kind !== 'dequantize') return decoded(rows, decoding, into);
  const { scale, zeroPoint, axis } = decoding;
  const picked = ({ name }: Initializer) => (axis === 0 ? pick(name, 0, into) : name);
  return dequantize(rows, picked(scale), zeroPoint && picked(zeroPoint), axis, into);
}

/** All of it as floats: `[inner, outer]`. */
export function decodedWhole({ stored, decoding }: WeightRows, into: Fragment): string {
  if (decoding.kind !== 'dequantize') return decoded(stored.name, decoding, into);
  const { scale, zeroPoint, axis } = decoding;
  // Copies of its own: ONNX Runtime 1.30 fuses DequantizeLinear and MatMul to one kernel, and fails where the weights lie
  // outside the branch ("Missing required weight").
  const own = (constant: Initializer) => into.localConstant(constant);
  return dequantize(own(stored), own(scale), zeroPoint && own(zeroPoint), axis, into);
}

function decoded(rows: string, decoding: Exclude<Decoding, { kind: 'dequantize' }>, into: Fragment): string {
  return decoding.kind === 'none' ? rows : into.op('Cast', [rows], { to: dtypeToOnnx(decoding.to) });
}

function dequantize(
  rows: string,
  scale: string,
  zeroPoint: string | undefined,
  axis: 0 | 1 | null,
  into: Fragment,
): string {
  const parameters = zeroPoint === undefined ? [scale] : [scale, zeroPoint];
  return into.op('DequantizeLinear', [rows, ...parameters], axis === null ? {} : { axis });
}
