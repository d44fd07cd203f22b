/**
 * The error that each operator adds of its own, when its inputs are exact: figures only, the rules that use them are in
 * operator-bounds. ULP are units in the last place of the output's format.
 *
 * Sources:
 * - WebNN conformance tests (web-platform-tests, webnn/resources/utils.js): relu, max, abs and whatever moves data 0 ULP;
 *   add, sub, mul 1; div 2; leaky relu 1; hard swish 4; softsign 3; elu, gelu, softplus 18; exp and pow 32; sigmoid 34;
 *   batch normalisation 6; softmax 3 ULP per element of a row; matmul, gemm and convolution 2 ULP per term.
 * - WGSL, "Floating point accuracy": division 2.5 ULP, sqrt as 1/inverseSqrt (2 ULP + division), exp 3 + 2·|x| ULP,
 *   pow as exp2(y · log2 x), log 2^-21 absolute near 1, tanh 1e-5 and sin, cos 2^-11 absolute.
 * - ONNX Runtime, MLAS: tanh, logistic and erf are rational approximations on a clamped range, a few float32 ULP of 1.
 */

/** How an operator's output depends on its inputs, as far as errors go. */
export type Family =
  /** Picks, moves or compares elements; nothing is rounded. */
  | 'moves'
  /** Arithmetic element by element, whose relative errors add up. */
  | 'multiplies'
  /** Adds a few tensors, whose errors relative to their largest elements stay. */
  | 'adds'
  /** A function with a slope of about one; negative parts may be near zero. */
  | 'bends'
  /** A function into a bounded range (tanh, sigmoid): errors become absolute. */
  | 'saturates'
  /** exp and what is made of it: absolute errors of the input become relative ones. */
  | 'exponential'
  /** Sums of products along a length that the shapes tell. */
  | 'sums'
  /** Subtracts a mean and divides by a deviation. */
  | 'normalises'
  /** Goes through time, each step with products, sums and saturating functions. */
  | 'recurs';

export interface OperatorError {
  readonly family: Family;
  /** Own error on a CPU and on a GPU, in ULP of the result. */
  readonly ulp: readonly [cpu: number, gpu: number];
  /** Own absolute error, as ULP of 1. */
  readonly ulpOfOne?: readonly [cpu: number, gpu: number];
}

const [FROM_WGSL_TANH, FROM_WGSL_SIN] = [84, 4096];

const exact = (...ops: string[]) => ops.map((op) => [op, { family: 'moves', ulp: [0, 0] }] as const);

const of = (family: Family, cpu: number, gpu: number, ...ops: string[]) =>
  ops.map((op) => [op, { family, ulp: [cpu, gpu] }] as const);

const absolute = (family: Family, cpu: number, gpu: number, ofOne: readonly [number, number], ...ops: string[]) =>
  ops.map((op) => [op, { family, ulp: [cpu, gpu], ulpOfOne: ofOne }] as const);

const OPERATORS: ReadonlyMap<string, OperatorError> = new Map<string, OperatorError>([
  ...exact('Abs', 'And', 'ArgMax', 'ArgMin', 'BitShift', 'Cast', 'CastLike', 'Ceil', 'Clip', 'Compress', 'Concat'),
  ...exact('Constant', 'ConstantOfShape', 'DepthToSpace', 'Dropout', 'Equal', 'Expand', 'EyeLike', 'Flatten', 'Floor'),
  ...exact('Gather', 'GatherElements', 'GatherND', 'GlobalMaxPool', 'Greater', 'GreaterOrEqual', 'Identity', 'IsInf'),
  ...exact('IsNaN', 'Less', 'LessOrEqual', 'Max', 'MaxPool', 'MaxUnpool', 'Min', 'Neg', 'NonZero', 'Not', 'OneHot'),
  ...exact('Or', 'Pad', 'Range', 'ReduceMax', 'ReduceMin', 'Relu', 'Reshape', 'ReverseSequence', 'Round', 'Scatter'),
  ...exact('ScatterElements', 'ScatterND', 'Shape', 'Shrink', 'Sign', 'Size', 'Slice', 'SpaceToDepth', 'Split'),
  ...exact('Squeeze', 'ThresholdedRelu', 'Tile', 'TopK', 'Transpose', 'Trilu', 'Unique', 'Unsqueeze', 'Upsample'),
  ...exact(
    'Where',
    'Xor',
    'SequenceAt',
    'SequenceConstruct',
    'SequenceInsert',
    'SplitToSequence',
    'OptionalGetElement',
  ),
  ...exact('Hardmax', 'CenterCropPad', 'Col2Im', 'Mod', 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'BitwiseNot'),
  ...exact('NonMaxSuppression', 'Optional', 'OptionalHasElement', 'StringConcat', 'TensorScatter', 'SwapAxes'),

  ...of('multiplies', 1, 1, 'Mul', 'PRelu', 'LeakyRelu'),
  ...of('multiplies', 1, 3, 'Div', 'Reciprocal', 'Sqrt'),
  ...of('multiplies', 2, 6, 'ImageScaler', 'Scale', 'DequantizeLinear', 'QuantizeLinear'),
  ...of('multiplies', 4, 40, 'Pow', 'ReduceProd'),
  ...of('adds', 1, 1, 'Add', 'Sub', 'Sum', 'Mean'),

  ...absolute('bends', 18, 18, [4, 16], 'Elu', 'Selu', 'Celu', 'Softplus', 'Mish', 'LogSoftmax'),
  ...absolute('bends', 18, 34, [8, 84], 'Gelu', 'FastGelu', 'QuickGelu', 'BiasGelu', 'Swish', 'Silu', 'SiluMul'),
  ...absolute('bends', 4, 4, [1, 1], 'HardSwish', 'HardSigmoid', 'Softsign', 'Affine', 'RotaryEmbedding'),
  ...absolute('bends', 4, 34, [2, 4], 'Log', 'Asinh', 'Acosh', 'ReduceLogSum', 'ReduceLogSumExp'),
  ...absolute('bends', 4, 34, [2, 84], 'Asin', 'Acos', 'Atan', 'Atanh'),

  ...absolute('saturates', 8, 34, [4, 16], 'Sigmoid'),
  ...absolute('saturates', 8, 16, [4, FROM_WGSL_TANH], 'Tanh', 'Erf'),
  ...absolute('saturates', 4, 16, [2, FROM_WGSL_SIN], 'Sin', 'Cos'),

  ...of('exponential', 4, 34, 'Exp', 'Sinh', 'Cosh'),
  ...of('exponential', 8, 64, 'Tan', 'Softmax'),

  ...of('sums', 1, 1, 'MatMul', 'Gemm', 'Conv', 'ConvTranspose', 'ReduceSum', 'ReduceMean', 'ReduceL1', 'CumSum'),
  ...of('sums', 1, 1, 'GlobalAveragePool', 'AveragePool', 'Einsum', 'FusedMatMul', 'FusedConv', 'FusedGemm'),
  ...of('sums', 1, 1, 'MatMulNBits', 'TransposeMatMul', 'GemmFastGelu', 'DeformConv', 'Det', 'DFT', 'STFT'),
  ...of('sums', 2, 6, 'ReduceL2', 'ReduceSumSquare', 'LpPool', 'GlobalLpPool', 'MelWeightMatrix', 'CumProd'),
  ...of('sums', 8, 64, 'Resize', 'GridSample', 'AffineGrid', 'RoiAlign', 'Attention', 'MultiHeadAttention'),
  ...of('sums', 8, 64, 'GroupQueryAttention', 'NegativeLogLikelihoodLoss', 'SoftmaxCrossEntropyLoss'),
  ...of('sums', 4, 40, 'HannWindow', 'HammingWindow', 'BlackmanWindow'),

  ...of('normalises', 6, 6, 'BatchNormalization', 'LRN'),
  ...of('normalises', 8, 16, 'InstanceNormalization', 'LayerNormalization', 'GroupNormalization', 'GroupNorm'),
  ...of('normalises', 8, 16, 'SkipLayerNormalization', 'SimplifiedLayerNormalization', 'RMSNormalization'),
  ...of('normalises', 8, 16, 'SkipSimplifiedLayerNormalization', 'MeanVarianceNormalization', 'LpNormalization'),
  ...of('normalises', 8, 16, 'EmbedLayerNormalization'),

  ...absolute('recurs', 8, 34, [8, FROM_WGSL_TANH], 'LSTM', 'GRU', 'RNN', 'DynamicQuantizeLSTM'),
]);

/** Undefined for operators that nothing is known of here. Operators of ONNX Runtime's own domains go by their names. */
export function operatorError(opType: string): OperatorError | undefined {
  return OPERATORS.get(opType);
}
