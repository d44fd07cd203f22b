/**
 * The forms in which an operator is swept: its usual one, those of the variant table, and for operators that work
 * element by element the same few shapes for all of them, among them one large enough for every special value to come
 * up, or where there are two inputs, for every one to meet every other.
 */
import { exampleOf } from '@rheobase/exporter';
import { VARIANTS } from './variant-table.js';

export interface Variant {
  /** An example in the language of the exporter's example-text.ts; the last line is the operator's. */
  readonly source: string;
  /** Each element of the output depends on one element of each input, so that all special values go into one run. */
  readonly elementwise: boolean;
  /** The usual form: swept on every element type, where the others are swept on the commonest. */
  readonly usual: boolean;
}

const UNARY = new Set(
  (
    'Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish ' +
    'Identity IsInf IsNaN LeakyRelu Log Mish Neg Not Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus ' +
    'Softsign Sqrt Swish Tan Tanh ThresholdedRelu'
  ).split(' '),
);
const BINARY = new Set(
  (
    'Add And BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mul Or ' +
    'PRelu Pow Sub Sum Xor Mod'
  ).split(' '),
);
const OTHER_ELEMENTWISE = new Set([
  'BitShift',
  'Cast',
  'CastLike',
  'Clip',
  'DequantizeLinear',
  'QuantizeLinear',
  'Where',
]);

const UNARY_SHAPES = ['T[96]', 'T[]', 'T[0]', 'T[3,1,5]', 'T[1031]'];
/** The first one pairs every value with every other. PRelu broadcasts its slope to x and not the other way round. */
const BINARY_SHAPES = [
  'T[96,1] T[1,96]',
  'T[2,3] T[3]',
  'T[] T[2,3]',
  'T[0] T[1]',
  'T[2,1,3] T[4,1]',
  'T[1031] T[1031]',
];
const PRELU_SHAPES = [
  'T[96,96] T[96,1]',
  'T[2,3] T[3]',
  'T[2,3] T[]',
  'T[0] T[1]',
  'T[2,4,3] T[4,1]',
  'T[1031] T[1031]',
];

/** Attributes that change what an element-by-element operator computes. */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  Celu: ['alpha=0.5'],
  Elu: ['alpha=0.5', 'alpha=-2.0'],
  Gelu: ['approximate=tanh'],
  HardSigmoid: ['alpha=0.5 beta=0.25'],
  IsInf: ['detect_negative=0', 'detect_positive=0'],
  LeakyRelu: ['alpha=0.0', 'alpha=-1.5'],
  Mod: ['fmod=0', 'fmod=1'],
  Shrink: ['lambd=1.0 bias=0.5'],
  Swish: ['alpha=-0.5'],
  ThresholdedRelu: ['alpha=0.0', 'alpha=-2.0'],
};

/** Forms of operators that are no list of inputs and attributes alone. */
const FURTHER: Readonly<Record<string, readonly string[]>> = {
  CastLike: ['y = CastLike T[96] int32[1]', 'y = CastLike T[96] bool[1]', 'y = CastLike T[96] uint8[1]'],
  Clip: [
    'y = Clip T[96]',
    'y = Clip T[96] T[]{2} T[]{1}',
    'y = Clip T[96] T[] T[]',
    'y = Clip T[0] T[]{1}',
    'y = Clip T[96] - T[]{1}',
  ],
  Where: ['y = Where bool[2,1] T[1,3] T[]', 'y = Where bool[1] T[0] T[1]', 'y = Where bool[96] T[96] T[96]'],
};

/** All forms of a version of an operator; none where there is no example of it. */
export function variantsOf(opType: string, since: number): readonly Variant[] {
  const usual = exampleOf(opType, since);
  if (usual === undefined) return [];
  const elementwise = UNARY.has(opType) || BINARY.has(opType);
  if (elementwise) {
    return elementwiseSources(opType).map((source, index) => ({ source, elementwise, usual: index === 0 }));
  }
  const further = [...(FURTHER[opType] ?? []), ...(VARIANTS[opType] ?? []).map((text) => sourceOf(opType, text))];
  return [usual, ...further].map((source, index) => ({
    source,
    elementwise: OTHER_ELEMENTWISE.has(opType),
    // What an element becomes depends on both types of a cast, so each of them is a usual form.
    usual: index === 0 || opType === 'Cast',
  }));
}

function elementwiseSources(opType: string): readonly string[] {
  const shapes = shapesOf(opType);
  const plain = opType === 'Mod' ? [] : shapes.map((inputs) => `y = ${opType} ${inputs}`);
  return [...plain, ...(ATTRIBUTES[opType] ?? []).map((attributes) => `y = ${opType} ${shapes[0]} ; ${attributes}`)];
}

function shapesOf(opType: string): readonly string[] {
  if (opType === 'PRelu') return PRELU_SHAPES;
  return UNARY.has(opType) ? UNARY_SHAPES : BINARY_SHAPES;
}

function sourceOf(opType: string, text: string): string {
  return text.includes(' = ') ? text.replace(' = OP ', ` = ${opType} `) : `y = ${opType} ${text}`;
}
