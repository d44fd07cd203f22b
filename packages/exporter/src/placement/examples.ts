/**
 * One example a operator (and where a later version is called otherwise, one more, as `Op@since`): plausible inputs in
 * their usual form, so that a provider takes the node if it takes any. Parameters such as shapes and axes are
 * constants, as real models have them; what is computed on is a graph input.
 *
 * `T` is the element type that is measured: that of the operator's principal input (principal-input.ts).
 */

const each = (names: string, example: (opType: string) => string): Record<string, string> =>
  Object.fromEntries(names.split(' ').map((opType) => [opType, example(opType)]));

const UNARY =
  'Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Cos Cosh Elu Erf Exp Flatten Floor Gelu HardSigmoid HardSwish ' +
  'Hardmax Identity IsInf IsNaN LeakyRelu Log LogSoftmax LpNormalization Mish Neg Not Reciprocal Relu Round Selu Shape ' +
  'Shrink Sigmoid Sign Sin Sinh Size Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu NonZero Bernoulli ' +
  'RandomNormalLike RandomUniformLike';
const BINARY =
  'Add And BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mul Or PRelu ' +
  'Pow Sub Sum Xor StringConcat';
const POOL = 'GlobalAveragePool GlobalLpPool GlobalMaxPool MeanVarianceNormalization';
const REDUCE =
  'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSumSquare';
const SAMPLER = 'RandomNormal RandomUniform';
const WINDOW = 'BlackmanWindow HammingWindow HannWindow';

const SEQUENCE = 's = SequenceConstruct T[2,3] T[2,3]\n';

export const EXAMPLES: Readonly<Record<string, string>> = {
  ...each(UNARY, (opType) => `y = ${opType} T[2,4]`),
  ...each(BINARY, (opType) => `y = ${opType} T[2,4] T[2,4]`),
  ...each(POOL, (opType) => `y = ${opType} T[1,2,4,4]`),
  ...each(REDUCE, (opType) => `y = ${opType} T[2,3,4] ; axes=[1]`),
  ...each(REDUCE.replaceAll(/(\w+)/g, '$1@18'), (key) => `y = ${key.split('@')[0]} T[2,3,4] int64[1]{1}`),
  ...each(SAMPLER, (opType) => `y = ${opType} ; shape=[2,3] dtype=:T`),
  ...each(WINDOW, (opType) => `y = ${opType} T[]{8}`),

  AffineGrid: 'y = AffineGrid T[1,2,3] int64[4]{1,1,2,2}',
  ArgMax: 'y = ArgMax T[2,4] ; axis=1',
  ArgMin: 'y = ArgMin T[2,4] ; axis=1',
  Attention: 'y = Attention T[1,2,4,8] T[1,2,4,8] T[1,2,4,8]',
  AveragePool: 'y = AveragePool T[1,2,4,4] ; kernel_shape=[2,2]',
  BatchNormalization: 'y = BatchNormalization T[2,3,4,4] T[3] T[3] T[3] T[3]',
  BitCast: 'y = BitCast T[2,4] ; to=:T',
  BitShift: 'y = BitShift T[2,4] T[2,4] ; direction=LEFT',
  Cast: 'y = Cast T[2,4] ; to=1',
  CastLike: 'y = CastLike T[2,4] float32[1]',
  CenterCropPad: 'y = CenterCropPad T[4,4] int64[2]{2,6}',
  Clip: 'y = Clip T[2,4] T[]{1} T[]{2}',
  Col2Im: 'y = Col2Im T[1,4,4] int64[2]{4,4} int64[2]{2,2} ; strides=[2,2]',
  Compress: 'y = Compress T[2,4] bool[2] ; axis=0',
  Concat: 'y = Concat T[2,3] T[2,3] ; axis=1',
  ConstantOfShape: 'y = ConstantOfShape T[2]{2,3}',
  Conv: 'y = Conv T[1,2,5,5] T[3,2,3,3] T[3] ; kernel_shape=[3,3]',
  ConvInteger: 'y = ConvInteger T[1,2,5,5] T[3,2,3,3] ; kernel_shape=[3,3]',
  ConvTranspose: 'y = ConvTranspose T[1,2,4,4] T[2,3,3,3] ; kernel_shape=[3,3]',
  CumProd: 'y = CumProd T[2,4] int64[]{1}',
  CumSum: 'y = CumSum T[2,4] int64[]{1}',
  DFT: 'y = DFT T[1,8,1] ; axis=1',
  'DFT@20': 'y = DFT T[1,8,1] - int64[]{1}',
  DeformConv: 'y = DeformConv T[1,1,3,3] T[1,1,2,2] T[1,8,2,2] ; kernel_shape=[2,2]',
  DepthToSpace: 'y = DepthToSpace T[1,4,2,2] ; blocksize=2',
  DequantizeLinear: 'y = DequantizeLinear T[2,4] float32[]{0.5}',
  Det: 'y = Det T[2,3,3]',
  Dropout: 'y = Dropout T[2,4]',
  DynamicQuantizeLinear: 'y a b = DynamicQuantizeLinear T[2,4]',
  Einsum: 'y = Einsum T[2,3] T[3,4] ; equation=ij,jk->ik',
  Expand: 'y = Expand T[1,4] int64[2]{3,4}',
  EyeLike: 'y = EyeLike T[3,3]',
  GRU: 'y h = GRU T[2,1,3] T[1,12,3] T[1,12,4] ; hidden_size=4',
  Gather: 'y = Gather T[4,2] int64[3]{0,2,3}',
  GatherElements: 'y = GatherElements T[4,2] int64[2,2]{0,1,2,3}',
  GatherND: 'y = GatherND T[4,2] int64[2,1]{0,2}',
  Gemm: 'y = Gemm T[2,3] T[3,4] T[4]',
  GridSample: 'y = GridSample T[1,1,4,4] float32[1,2,2,2]',
  GroupNormalization: 'y = GroupNormalization T[1,4,2,2] T[2] T[2] ; num_groups=2',
  'GroupNormalization@21': 'y = GroupNormalization T[1,4,2,2] T[4] T[4] ; num_groups=2',
  If: 'y = If bool[] ; then_branch=@first else_branch=@second',
  InstanceNormalization: 'y = InstanceNormalization T[2,3,4,4] T[3] T[3]',
  LRN: 'y = LRN T[1,4,3,3] ; size=3',
  LSTM: 'y h c = LSTM T[2,1,3] T[1,16,3] T[1,16,4] ; hidden_size=4',
  LayerNormalization: 'y = LayerNormalization T[2,4] T[4] T[4]',
  Loop: 'y = Loop int64[]{2} bool[]{1} float32[2,3] ; body=@body',
  LpPool: 'y = LpPool T[1,2,4,4] ; kernel_shape=[2,2]',
  MatMul: 'y = MatMul T[2,3] T[3,4]',
  MatMulInteger: 'y = MatMulInteger T[2,3] T[3,4]',
  MaxPool: 'y = MaxPool T[1,2,4,4] ; kernel_shape=[2,2]',
  MaxRoiPool: 'y = MaxRoiPool T[1,2,4,4] T[1,5]{0,0,0,2,2} ; pooled_shape=[2,2]',
  MaxUnpool: 'y = MaxUnpool T[1,1,2,2] int64[1,1,2,2]{0,2,8,10} ; kernel_shape=[2,2] strides=[2,2]',
  MelWeightMatrix: 'y = MelWeightMatrix T[]{4} T[]{16} T[]{8000} float32[]{20} float32[]{3000}',
  Mod: 'y = Mod T[2,4] T[2,4] ; fmod=1',
  Multinomial: 'y = Multinomial T[2,4] ; sample_size=3',
  NegativeLogLikelihoodLoss: 'y = NegativeLogLikelihoodLoss T[2,4] int64[2]{0,3}',
  NonMaxSuppression: 'y = NonMaxSuppression T[1,2,4] T[1,1,2] int64[]{2} float32[]{0.5} float32[]{0.1}',
  OneHot: 'y = OneHot int64[3] int64[]{4} T[2]',
  Optional: 'o = Optional T[2,3]\ny = OptionalGetElement o',
  OptionalGetElement: 'o = Optional T[2,3]\ny = OptionalGetElement o',
  OptionalHasElement: 'o = Optional T[2,3]\ny = OptionalHasElement o',
  Pad: 'y = Pad T[2,3] int64[4]{0,1,0,1}',
  QLinearConv:
    'y = QLinearConv T[1,2,5,5] float32[]{0.5} T[]{1} T[3,2,3,3] float32[]{0.5} T[]{1} float32[]{0.5} T[]{1} ; kernel_shape=[3,3]',
  QLinearMatMul: 'y = QLinearMatMul T[2,3] float32[]{0.5} T[]{1} T[3,4] float32[]{0.5} T[]{1} float32[]{0.5} T[]{1}',
  QuantizeLinear: 'y = QuantizeLinear T[2,4] float32[]{0.5} uint8[]{1}',
  'QuantizeLinear@19': 'y = QuantizeLinear T[2,4] T[]{1} uint8[]{1}',
  RMSNormalization: 'y = RMSNormalization T[2,4] T[4]',
  RNN: 'y h = RNN T[2,1,3] T[1,4,3] T[1,4,4] ; hidden_size=4',
  Range: 'y = Range T[] T[]{9} T[]{2}',
  ReduceSum: 'y = ReduceSum T[2,3,4] int64[1]{1}',
  RegexFullMatch: 'y = RegexFullMatch T[2,4] ; pattern=.*',
  Reshape: 'y = Reshape T[2,4] int64[2]{4,2}',
  Resize: 'y = Resize T[1,1,2,2] - float32[4]{1,1,2,2}',
  ReverseSequence: 'y = ReverseSequence T[3,2] int64[2]{3,2}',
  RoiAlign: 'y = RoiAlign T[1,2,4,4] T[1,4]{0,0,2,2} int64[1]{0} ; output_height=2 output_width=2',
  RotaryEmbedding: 'y = RotaryEmbedding T[1,2,3,4] T[1,3,2] T[1,3,2]',
  STFT: 'y = STFT T[1,16,1] int64[]{4} T[8]{1,1,1,1,1,1,1,1}',
  Scan: 'y = Scan float32[3] float32[2,3] ; body=@scanned num_scan_inputs=1',
  ScatterElements: 'y = ScatterElements T[4,2] int64[1,2]{1,3} T[1,2]',
  ScatterND: 'y = ScatterND T[4,2] int64[2,1]{0,3} T[2,2]',
  SequenceAt: `${SEQUENCE}y = SequenceAt s int64[]{1}`,
  SequenceConstruct: `${SEQUENCE}y = SequenceLength s`,
  SequenceEmpty: 's = SequenceEmpty ; dtype=:T\ny = SequenceLength s',
  SequenceErase: `${SEQUENCE}t = SequenceErase s\ny = SequenceLength t`,
  SequenceInsert: `${SEQUENCE}t = SequenceInsert s T[2,3]\ny = SequenceLength t`,
  SequenceLength: `${SEQUENCE}y = SequenceLength s`,
  SequenceMap: `${SEQUENCE}t = SequenceMap s ; body=@mapped\ny = SequenceLength t`,
  ConcatFromSequence: `${SEQUENCE}y = ConcatFromSequence s ; axis=0`,
  Slice: 'y = Slice T[4,4] int64[1]{1} int64[1]{3} int64[1]{0}',
  SoftmaxCrossEntropyLoss: 'y = SoftmaxCrossEntropyLoss T[2,4] int64[2]{0,3}',
  SpaceToDepth: 'y = SpaceToDepth T[1,1,4,4] ; blocksize=2',
  Split: 'y z = Split T[2,4] int64[2]{1,3} ; axis=1',
  SplitToSequence: 's = SplitToSequence T[2,4] int64[2]{1,1}\ny = SequenceLength s',
  Squeeze: 'y = Squeeze T[1,4] int64[1]{0}',
  StringNormalizer: 'y = StringNormalizer T[4] ; case_change_action=UPPER locale=C',
  StringSplit: 'y z = StringSplit T[4]',
  TensorScatter: 'y = TensorScatter T[1,4,2] T[1,1,2] int64[1]{2} ; axis=1',
  TfIdfVectorizer:
    'y = TfIdfVectorizer T[4] ; max_gram_length=1 max_skip_count=0 min_gram_length=1 mode=TF ngram_counts=[0] ngram_indexes=[0,1] pool_int64s=[1,2]',
  Tile: 'y = Tile T[2,3] int64[2]{2,1}',
  TopK: 'y i = TopK T[2,4] int64[1]{2}',
  Transpose: 'y = Transpose T[2,3,4] ; perm=[2,0,1]',
  Trilu: 'y = Trilu T[3,3]',
  Unique: 'y = Unique T[6]',
  Unsqueeze: 'y = Unsqueeze T[2,4] int64[1]{1}',
  Where: 'y = Where bool[2,4] T[2,4] T[2,4]',
};

/** The example for a version of an operator, undefined where there is none. */
export function exampleOf(opType: string, since: number): string | undefined {
  const later = Object.keys(EXAMPLES)
    .filter((key) => key.startsWith(`${opType}@`))
    .map((key) => Number(key.split('@')[1]))
    .filter((from) => from <= since);
  return later.length === 0 ? EXAMPLES[opType] : EXAMPLES[`${opType}@${Math.max(...later)}`];
}
