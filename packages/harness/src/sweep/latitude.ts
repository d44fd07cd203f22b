/**
 * What the specifications leave open. A difference that is within such latitude is told apart from one that is wrong:
 * nobody has promised otherwise, and a model that depends on it depends on its provider.
 */
import { type DType, dtypeBits, dtypeKind } from '@rheobase/exporter/tensor';
import type { BackendId } from '@rheobase/runtime';
import type { DifferenceKind } from './differences.js';
import type { ValueClass } from './values.js';

export interface Latitude {
  /** A short name, by which findings are grouped. */
  readonly name: string;
  /** Who says so, and what. */
  readonly source: string;
}

export interface LatitudeQuestion {
  readonly opType: string;
  readonly kind: DifferenceKind;
  readonly backend: BackendId;
  readonly reference: BackendId;
  readonly values: ValueClass;
  /** Element type that is swept. */
  readonly from: DType;
  /** Element type of the output that differs, null where there is none. */
  readonly to: DType | null;
  /** The elements that the differing one comes from, where they are known to be those alone. */
  readonly inputs: readonly number[] | null;
}

interface Rule extends Latitude {
  readonly applies: (question: LatitudeQuestion) => boolean;
}

const PERIODIC: ReadonlySet<string> = new Set(['Sin', 'Cos', 'Tan']);
const CASTS: ReadonlySet<string> = new Set(['Cast', 'CastLike']);
const DIVISIONS: ReadonlySet<string> = new Set(['Div', 'Mod']);
const EXTREMA: ReadonlySet<string> = new Set([
  ...['Max', 'Min', 'Clip', 'Relu', 'ReduceMax', 'ReduceMin', 'MaxPool', 'GlobalMaxPool', 'TopK', 'ReduceL1'],
]);

const RULES: readonly Rule[] = [
  {
    name: 'denormals flushed',
    source: 'WGSL, floating point evaluation: implementations may flush denormals to zero',
    applies: (question) => onGpu(question) && (question.kind === 'denormal' || hasDenormal(question)),
  },
  {
    name: 'sign of zero',
    source: 'ONNX does not speak of it; WGSL lets it be ignored, and IEEE 754 leaves it open in maxima and minima',
    applies: (question) => question.kind === 'signed-zero' && (onGpu(question) || EXTREMA.has(question.opType)),
  },
  {
    name: 'cast out of range',
    source: 'ONNX, Cast: floating point to fixed point is undefined where the value is out of range',
    applies: ({ opType, kind, from, to, inputs }) =>
      CASTS.has(opType) && kind === 'value' && dtypeKind(from) === 'float' && isOutOfRange(to, inputs),
  },
  {
    name: 'far periodic arguments',
    source: 'WGSL, accuracy: sin and cos are within 2^-11 from −π to π, and not specified beyond',
    applies: (question) =>
      PERIODIC.has(question.opType) && onGpu(question) && !(Math.abs(question.inputs?.[0] ?? Infinity) <= Math.PI),
  },
  {
    name: 'integer division by zero or overflow',
    source: 'ONNX, Div and Mod say nothing of a divisor of 0 or of the smallest integer by −1',
    applies: ({ opType, kind, from }) =>
      DIVISIONS.has(opType) && dtypeKind(from) !== 'float' && (kind === 'value' || kind === 'error'),
  },
  {
    name: 'shift by the width or more',
    source: 'ONNX, BitShift says nothing of amounts of the number of bits or more; C++ leaves them undefined',
    applies: ({ opType, kind }) => opType === 'BitShift' && kind === 'value',
  },
];

/** What allows a difference, null where nothing does. */
export function latitudeOf(question: LatitudeQuestion): Latitude | null {
  const rule = RULES.find(({ applies }) => applies(question));
  return rule === undefined ? null : { name: rule.name, source: rule.source };
}

function onGpu({ backend, reference }: LatitudeQuestion): boolean {
  return /webgpu$/.test(backend) || /webgpu$/.test(reference);
}

/** Also a product or quotient of ordinary numbers may be a denormal: that is told by its kind. */
function hasDenormal({ from, values, inputs }: LatitudeQuestion): boolean {
  if (inputs === null) return values === 'denormals';
  const smallestNormal = from === 'float16' ? 2 ** -14 : 2 ** -126;
  return inputs.some((value) => value !== 0 && Math.abs(value) < smallestNormal);
}

/** Truncated towards zero, as casts do; NaN and infinities are out of every range. */
function isOutOfRange(to: DType | null, inputs: readonly number[] | null): boolean {
  if (to === null || inputs === null || (dtypeKind(to) !== 'int' && dtypeKind(to) !== 'uint')) return false;
  const bits = dtypeBits(to);
  const [low, high] = dtypeKind(to) === 'int' ? [-(2 ** (bits - 1)), 2 ** (bits - 1)] : [0, 2 ** bits];
  return inputs.some((value) => !(Math.trunc(value) >= low && Math.trunc(value) < high));
}
