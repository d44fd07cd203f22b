/** All inference rules, by operator type. An operator without one has outputs of unknown shape. */
import { cast } from './cast.js';
import { broadcasting, likeFirst, unidirectional } from './elementwise.js';
import { flatten } from './flatten.js';
import { gemm } from './gemm.js';
import { matMul } from './matmul.js';
import { reduce } from './reduce.js';
import { reshape } from './reshape.js';
import type { Rule } from './rule.js';
import { alongAxis } from './softmax.js';
import { transpose } from './transpose.js';

const UNARY = [
  ...['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'BitwiseNot', 'Ceil', 'Celu', 'Clip', 'Cos', 'Cosh'],
  ...['Elu', 'Erf', 'Exp', 'Floor', 'Gelu', 'HardSigmoid', 'HardSwish', 'Identity', 'IsInf', 'IsNaN', 'LeakyRelu'],
  ...['Log', 'Mish', 'Neg', 'Not', 'Reciprocal', 'Relu', 'Round', 'Selu', 'Shrink', 'Sigmoid', 'Sign', 'Sin', 'Sinh'],
  ...['Softplus', 'Softsign', 'Sqrt', 'Swish', 'Tan', 'Tanh', 'ThresholdedRelu', 'CastLike'],
];
const BROADCASTING = [
  ...['Add', 'And', 'BitShift', 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'Div', 'Equal', 'Greater', 'GreaterOrEqual'],
  ...['Less', 'LessOrEqual', 'Max', 'Mean', 'Min', 'Mod', 'Mul', 'Or', 'Pow', 'Sub', 'Sum', 'Where', 'Xor'],
];
const REDUCING = [
  ...['ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceProd'],
  ...['ReduceSum', 'ReduceSumSquare'],
];

export const RULES: ReadonlyMap<string, Rule> = new Map([
  ...UNARY.map((opType): [string, Rule] => [opType, likeFirst]),
  ...BROADCASTING.map((opType): [string, Rule] => [opType, broadcasting]),
  ...REDUCING.map((opType): [string, Rule] => [opType, reduce]),
  ['Cast', cast],
  ['Flatten', flatten],
  ['Gemm', gemm],
  ['Hardmax', alongAxis],
  ['LogSoftmax', alongAxis],
  ['MatMul', matMul],
  ['PRelu', unidirectional],
  ['Reshape', reshape],
  ['Softmax', alongAxis],
  ['Transpose', transpose],
]);
