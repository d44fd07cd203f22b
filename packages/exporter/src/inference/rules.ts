/** All inference rules, by operator type. An operator without one has outputs of unknown shape. */
import { attention, linearAttention } from './attention.js';
import { cast } from './cast.js';
import { concat, split } from './concat.js';
import { ifThenElse, loop, scan, sequenceMap } from './control-flow.js';
import { causalConv, col2Im, conv, convTranspose, qLinearConv } from './conv.js';
import { depthToSpace, spaceToDepth } from './depth-space.js';
import { einsum } from './einsum.js';
import { broadcasting, likeFirst, unidirectional } from './elementwise.js';
import { flatten } from './flatten.js';
import { compress, gather, gatherElements, gatherND, nonZero, unique } from './gather.js';
import { gemm } from './gemm.js';
import * as generate from './generate.js';
import { matMul } from './matmul.js';
import { batchNormalization, dropout, layerNormalization } from './normalization.js';
import { centerCropPad, expand, pad, tile } from './pad.js';
import { globalPool, maxRoiPool, maxUnpool, pool, roiAlign } from './pooling.js';
import { dequantizeLinear, dynamicQuantizeLinear, qLinearMatMul, quantizeLinear } from './quantization.js';
import { recurrent } from './recurrent.js';
import { reduce } from './reduce.js';
import { reshape } from './reshape.js';
import { gridSample, resize } from './resize.js';
import type { Rule } from './rule.js';
import { argExtreme, classLoss, oneHot, topK } from './select.js';
import * as sequences from './sequences.js';
import { shape, size } from './shape-of.js';
import * as signal from './signal.js';
import { slice } from './slice.js';
import { alongAxis } from './softmax.js';
import { squeeze, unsqueeze } from './squeeze.js';
import { transpose } from './transpose.js';

const LIKE_FIRST = [
  ...['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'BitwiseNot', 'Ceil', 'Celu', 'Clip', 'Cos', 'Cosh'],
  ...['Elu', 'Erf', 'Exp', 'Floor', 'Gelu', 'HardSigmoid', 'HardSwish', 'IsInf', 'IsNaN', 'LeakyRelu'],
  ...['Log', 'Mish', 'Neg', 'Not', 'Reciprocal', 'Relu', 'Round', 'Selu', 'Shrink', 'Sigmoid', 'Sign', 'Sin', 'Sinh'],
  ...['Softplus', 'Softsign', 'Sqrt', 'Swish', 'Tan', 'Tanh', 'ThresholdedRelu', 'CastLike', 'RegexFullMatch'],
  ...['CumProd', 'CumSum', 'ReverseSequence', 'RotaryEmbedding', 'Scatter', 'ScatterElements', 'ScatterND'],
  ...['TensorScatter', 'Trilu', 'GroupNormalization', 'InstanceNormalization', 'LRN', 'LpNormalization'],
  ...['MeanVarianceNormalization', 'RMSNormalization'],
];
const BROADCASTING = [
  ...['Add', 'And', 'BitShift', 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'Div', 'Equal', 'Greater', 'GreaterOrEqual'],
  ...['Less', 'LessOrEqual', 'Max', 'Mean', 'Min', 'Mod', 'Mul', 'Or', 'Pow', 'StringConcat', 'Sub', 'Sum', 'SwiGLU'],
  ...['Where', 'Xor'],
];
const REDUCING = [
  ...['ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceProd'],
  ...['ReduceSum', 'ReduceSumSquare'],
];
const LIKE_FIRST_OR_DTYPE = ['Bernoulli', 'EyeLike', 'RandomNormalLike', 'RandomUniformLike'];

const OTHERS: Readonly<Record<string, Rule>> = {
  AffineGrid: generate.affineGrid,
  ArgMax: argExtreme,
  ArgMin: argExtreme,
  Attention: attention,
  AveragePool: pool,
  BatchNormalization: batchNormalization,
  BitCast: cast,
  BlackmanWindow: generate.window,
  Cast: cast,
  CausalConvWithState: causalConv,
  CenterCropPad: centerCropPad,
  Col2Im: col2Im,
  Compress: compress,
  Concat: concat,
  ConcatFromSequence: sequences.concatFromSequence,
  Constant: generate.constant,
  ConstantOfShape: generate.constantOfShape,
  Conv: conv,
  ConvInteger: conv,
  ConvTranspose: convTranspose,
  DFT: signal.dft,
  DeformConv: conv,
  DepthToSpace: depthToSpace,
  DequantizeLinear: dequantizeLinear,
  Det: generate.det,
  Dropout: dropout,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  Einsum: einsum,
  Expand: expand,
  Flatten: flatten,
  GRU: recurrent,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  Gemm: gemm,
  GlobalAveragePool: globalPool,
  GlobalLpPool: globalPool,
  GlobalMaxPool: globalPool,
  GridSample: gridSample,
  HammingWindow: generate.window,
  HannWindow: generate.window,
  Hardmax: alongAxis,
  Identity: sequences.identity,
  If: ifThenElse,
  ImageDecoder: signal.imageDecoder,
  LSTM: recurrent,
  LayerNormalization: layerNormalization,
  LogSoftmax: alongAxis,
  LinearAttention: linearAttention,
  Loop: loop,
  LpPool: pool,
  MatMul: matMul,
  MatMulInteger: matMul,
  MaxPool: pool,
  MaxRoiPool: maxRoiPool,
  MaxUnpool: maxUnpool,
  MelWeightMatrix: generate.melWeightMatrix,
  Multinomial: generate.multinomial,
  NegativeLogLikelihoodLoss: classLoss,
  NonMaxSuppression: signal.nonMaxSuppression,
  NonZero: nonZero,
  OneHot: oneHot,
  Optional: sequences.optional,
  OptionalGetElement: sequences.optionalGetElement,
  OptionalHasElement: sequences.optionalHasElement,
  PRelu: unidirectional,
  Pad: pad,
  QLinearConv: qLinearConv,
  QLinearMatMul: qLinearMatMul,
  QuantizeLinear: quantizeLinear,
  RNN: recurrent,
  RandomNormal: generate.random,
  RandomUniform: generate.random,
  Range: generate.range,
  Reshape: reshape,
  Resize: resize,
  RoiAlign: roiAlign,
  STFT: signal.stft,
  Scan: scan,
  SequenceAt: sequences.sequenceAt,
  SequenceConstruct: sequences.sequenceConstruct,
  SequenceEmpty: sequences.sequenceEmpty,
  SequenceErase: sequences.sequenceErase,
  SequenceInsert: sequences.sequenceInsert,
  SequenceLength: sequences.sequenceLength,
  SequenceMap: sequenceMap,
  Shape: shape,
  Size: size,
  Slice: slice,
  Softmax: alongAxis,
  SoftmaxCrossEntropyLoss: classLoss,
  SpaceToDepth: spaceToDepth,
  Split: split,
  SplitToSequence: sequences.splitToSequence,
  Squeeze: squeeze,
  StringNormalizer: signal.stringNormalizer,
  StringSplit: signal.stringSplit,
  TfIdfVectorizer: signal.tfIdf,
  Tile: tile,
  TopK: topK,
  Transpose: transpose,
  Unique: unique,
  Unsqueeze: unsqueeze,
  Upsample: resize,
};

export const RULES: ReadonlyMap<string, Rule> = new Map([
  ...LIKE_FIRST.map((opType): [string, Rule] => [opType, likeFirst]),
  ...BROADCASTING.map((opType): [string, Rule] => [opType, broadcasting]),
  ...REDUCING.map((opType): [string, Rule] => [opType, reduce]),
  ...LIKE_FIRST_OR_DTYPE.map((opType): [string, Rule] => [opType, generate.likeFirstOrDType]),
  ...Object.entries(OTHERS),
]);
