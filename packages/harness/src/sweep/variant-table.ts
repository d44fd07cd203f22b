/**
 * What each operator is swept over beyond its usual form: the shapes, axes, attributes and optional inputs where kernels
 * part. In the language of the exporter's example-text.ts, with `y = Op ` left out where that is all there is:
 *
 *     T[2,3]          an input of the element type that is swept, with the values that are swept
 *     int64[2]{1,3}   a constant
 *     -               an input left out
 *
 * Broadcasting, empty tensors (an extent of 0), extents of 1, odd extents (no multiple of a vector's 4 or 8 lanes), and
 * reductions long enough that the order of summation shows.
 */

const POOLS = [
  'T[1,2,5,5] ; kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1]',
  'T[1,2,5,5] ; kernel_shape=[2,2] strides=[2,2] ceil_mode=1',
  'T[1,2,6,6] ; kernel_shape=[3,3] auto_pad=SAME_UPPER strides=[2,2]',
  'T[1,2,6,6] ; kernel_shape=[3,3] auto_pad=SAME_LOWER strides=[2,2]',
  'T[1,2,7,7] ; kernel_shape=[2,2] dilations=[2,2]',
  'T[1,2,9] ; kernel_shape=[3] strides=[2]',
  'T[1,1,3,4,5] ; kernel_shape=[2,2,2]',
  'T[0,2,4,4] ; kernel_shape=[2,2]',
];

const GLOBAL_POOLS = ['T[2,3,7]', 'T[1,2,3,4,5]', 'T[1,1,67,61]', 'T[1,3,1,1]', 'T[0,2,3,3]'];

const REDUCTIONS = [
  'T[2,3,4] int64[1]{-1} ; keepdims=0',
  'T[2,3,4] int64[2]{0,2} ; keepdims=0',
  'T[2,3,4]',
  'T[2,3,4] - ; keepdims=0',
  'T[2,3,4] int64[0]{} ; noop_with_empty_axes=1',
  'T[2,3,4] - ; noop_with_empty_axes=1',
  'T[2,0,4] int64[1]{1}',
  'T[0,3] int64[1]{1}',
  'T[0] ; keepdims=0',
  'T[1,1,5] int64[1]{0}',
  'T[3,4099] int64[1]{1}',
  'T[4099,3] int64[1]{0}',
  'T[] ; keepdims=0',
];

const ARG = [
  'T[2,7] ; axis=0 keepdims=0',
  'T[2,7] ; axis=-1 select_last_index=1',
  'T[3,4099] ; axis=1',
  'T[1,5] ; axis=0',
  'T[0,3] ; axis=1',
];

const SOFTMAX = [
  'T[2,3,5] ; axis=0',
  'T[2,3,5] ; axis=1',
  'T[3,1] ; axis=1',
  'T[0,3]',
  'T[5]',
  'T[2,4099]',
  'T[] ; axis=-1',
];

const RECURRENT_DIRECTIONS = ['reverse', 'bidirectional'] as const;

function recurrent(gates: number): string[] {
  return RECURRENT_DIRECTIONS.map((direction) => {
    const directions = direction === 'bidirectional' ? 2 : 1;
    const weights = `T[${directions},${gates * 4},3] T[${directions},${gates * 4},4] T[${directions},${gates * 8}]`;
    return `y h = OP T[3,2,3] ${weights} int32[2]{3,1} ; hidden_size=4 direction=${direction}`;
  });
}

const ROUNDING_SCATTERS = ['add', 'mul', 'max', 'min'];

const RESIZES = [
  ...['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel'].flatMap((transformation) =>
    ['nearest', 'linear', 'cubic'].map(
      (mode) => `T[1,1,4,5] - - int64[4]{1,1,7,3} ; mode=${mode} coordinate_transformation_mode=${transformation}`,
    ),
  ),
  ...['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].map(
    (rounding) => `T[1,1,4,4] - float32[4]{1,1,1.5,0.6} ; mode=nearest nearest_mode=${rounding}`,
  ),
  'T[1,1,6,6] - - int64[4]{1,1,3,3} ; mode=linear antialias=1',
  'T[1,1,6,6] - - int64[4]{1,1,3,3} ; mode=cubic antialias=1',
  'T[1,1,4,4] - - int64[4]{1,1,7,7} ; mode=cubic exclude_outside=1',
  'T[1,1,4,4] - - int64[4]{1,1,2,2} ; mode=cubic cubic_coeff_a=-0.5',
  'T[1,2,5] - - int64[3]{1,2,9} ; mode=linear',
  'T[5] - - int64[1]{3} ; mode=nearest',
];

const GRID_SAMPLES = ['linear', 'nearest', 'cubic'].flatMap((mode) =>
  ['zeros', 'border', 'reflection'].flatMap((padding) =>
    [0, 1].map(
      (corners) =>
        `T[1,1,4,5] float32[1,2,3,2]{-1,-1,-0.4,0.2,0.9,-1.3,1,1,0.1,2.5,-3,0} ; mode=${mode} padding_mode=${padding} align_corners=${corners}`,
    ),
  ),
);

const CAST_TARGETS = [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13];

export const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  ArgMax: ARG,
  ArgMin: ARG,
  Attention: [
    'T[1,2,4,8] T[1,2,6,8] T[1,2,6,8] ; is_causal=1',
    'T[1,4,4,8] T[1,2,4,8] T[1,2,4,8]',
    'T[1,2,4,8] T[1,2,4,8] T[1,2,4,8] ; scale=0.25 softcap=2.0',
    'T[1,2,4,8] T[1,2,4,8] T[1,2,4,8] bool[4,4]{1,0,0,0,1,1,0,0,1,1,1,0,0,0,0,0}',
    'T[1,4,16] T[1,4,16] T[1,4,16] ; q_num_heads=2 kv_num_heads=2',
  ],
  AveragePool: [
    ...POOLS,
    'T[1,2,5,5] ; kernel_shape=[3,3] pads=[1,1,1,1] count_include_pad=1',
    'T[1,1,6,6] ; kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1] ceil_mode=1 count_include_pad=1',
  ],
  BatchNormalization: ['T[2,3] T[3] T[3] T[3] T[3]', 'T[2,3,7] T[3] T[3] T[3] T[3]', 'T[0,3,2] T[3] T[3] T[3] T[3]'],
  BitShift: ['T[12,1] T[1,12] ; direction=RIGHT', 'T[12,1] T[1,12] ; direction=LEFT'],
  Cast: CAST_TARGETS.map((to) => `T[96] ; to=${to}`),
  CenterCropPad: ['T[5,3] int64[1]{4} ; axes=[-1]', 'T[0,3] int64[2]{2,2}'],
  Compress: ['T[2,5] bool[7]{0,1,1,0,0,1,1}', 'T[2,5] bool[3]{0,1,1} ; axis=-1', 'T[0,3] bool[2]{1,1} ; axis=1'],
  Concat: [
    'T[2,3] T[0,3] T[1,3] ; axis=0',
    'T[2,3] ; axis=-1',
    'T[2,1,3] T[2,5,3] T[2,2,3] ; axis=-2',
    'T[0] T[0] ; axis=0',
  ],
  Conv: [
    'T[1,2,7,7] T[3,2,3,3] ; strides=[2,2] pads=[1,1,1,1]',
    'T[1,2,7,7] T[3,2,3,3] ; dilations=[2,2]',
    'T[1,4,5,5] T[4,1,3,3] T[4] ; group=4 pads=[1,1,1,1]',
    'T[1,4,5,5] T[6,2,3,3] ; group=2',
    'T[1,2,6,6] T[3,2,3,3] ; auto_pad=SAME_LOWER strides=[2,2]',
    'T[2,3,9] T[5,3,3] ; pads=[1,1]',
    'T[1,2,4,4,4] T[3,2,2,2,2]',
    'T[1,2,5,5] T[3,2,1,1] T[3]',
    'T[1,2,5,5] T[3,2,3,3] ; pads=[0,2,1,0]',
    'T[0,2,5,5] T[3,2,3,3]',
  ],
  ConvInteger: ['T[1,2,5,5] T[3,2,3,3] T[]{1} T[]{2} ; pads=[1,1,1,1]'],
  ConvTranspose: [
    'T[1,2,4,4] T[2,3,3,3] ; strides=[2,2] output_padding=[1,1]',
    'T[1,2,4,4] T[2,3,3,3] ; strides=[2,2] output_shape=[8,8] auto_pad=SAME_UPPER',
    'T[1,2,4,4] T[2,3,3,3] ; dilations=[2,2] pads=[1,1,1,1]',
    'T[1,4,4,4] T[4,2,3,3] T[4] ; group=2',
    'T[1,2,5] T[2,3,3] ; strides=[2]',
  ],
  CumSum: [
    'T[2,5] int64[]{0} ; exclusive=1',
    'T[2,5] int64[]{-1} ; reverse=1',
    'T[2,5] int64[]{1} ; exclusive=1 reverse=1',
    'T[0,3] int64[]{1}',
    'T[4099] int64[]{0}',
  ],
  CumProd: ['T[2,5] int64[]{0} ; exclusive=1', 'T[2,5] int64[]{-1} ; reverse=1', 'T[0,3] int64[]{1}'],
  DFT: ['T[1,7,2] - int64[]{1} ; inverse=1', 'T[1,8,1] - int64[]{1} ; onesided=1', 'T[1,8,2] int64[]{5} int64[]{1}'],
  DepthToSpace: ['T[1,8,2,3] ; blocksize=2 mode=CRD', 'T[2,9,1,1] ; blocksize=3', 'T[0,4,2,2] ; blocksize=2'],
  DequantizeLinear: [
    'T[2,3] float32[3]{0.5,2.0,0.1} T[3]{0,1,2}',
    'T[3,2] float32[3]{0.5,2.0,0.1} T[3]{0,1,2} ; axis=0',
    'T[4,2] float32[2,2]{0.5,2.0,0.1,1.0} T[2,2]{0,1,2,3} ; axis=0 block_size=2',
    'T[0] float32[]{0.5}',
    'T[64] float32[]{0.5} T[]{3}',
  ],
  Det: ['T[1,1]', 'T[3,5,5]', 'T[0,2,2]'],
  DynamicQuantizeLinear: [
    'y a b = DynamicQuantizeLinear T[64]',
    'y a b = DynamicQuantizeLinear T[1]',
    'y a b = DynamicQuantizeLinear T[0]',
  ],
  Einsum: [
    'T[3,3] ; equation=ii->i',
    'T[2,3] ; equation=ij->ji',
    'T[2,3] ; equation=ij->',
    'T[2,3,4] T[2,4,5] ; equation=bij,bjk->bik',
    'T[3] T[4] ; equation=i,j->ij',
    'T[2,3,4] ; equation=...ij->...ji',
    'T[2,3] T[3,4] T[4,2] ; equation=ij,jk,kl->il',
    'T[0,3] T[3,4] ; equation=ij,jk->ik',
  ],
  Expand: ['T[3,1] int64[2]{1,5}', 'T[] int64[2]{2,3}', 'T[1,3] int64[2]{0,1}', 'T[3] int64[3]{2,1,3}'],
  EyeLike: ['T[3,4] ; k=1', 'T[3,4] ; k=-2', 'T[3,4] ; k=9', 'T[0,3]'],
  Flatten: ['T[2,3,4] ; axis=0', 'T[2,3,4] ; axis=-1', 'T[2,0,4] ; axis=1', 'T[]  ; axis=0'],
  Gather: [
    'T[4,3] int64[2]{-1,-4}',
    'T[4,3] int64[]{1} ; axis=1',
    'T[4,3] int64[0]{}',
    'T[4,3] int64[2,1]{2,0} ; axis=-1',
    'T[4,3] int64[1]{4}',
  ],
  GatherElements: ['T[3,3] int64[3,2]{0,-1,2,1,-3,0} ; axis=1', 'T[3,3] int64[0,3]{}', 'T[3,3] int64[1,3]{0,3,1}'],
  GatherND: [
    'T[2,3,4] int64[2,1]{1,-1} ; batch_dims=1',
    'T[2,3,4] int64[1,3]{-1,0,2}',
    'T[2,3] int64[0,2]{}',
    'T[2,3] int64[1,2]{2,0}',
  ],
  Gemm: [
    'T[3,2] T[4,3] ; transA=1 transB=1',
    'T[2,3] T[3,4] T[2,1] ; alpha=0.5 beta=0.25',
    'T[2,3] T[3,4] T[] ; beta=2.0',
    'T[2,3] T[3,4] T[4] ; beta=0.0',
    'T[2,3] T[3,4] T[4] ; alpha=0.0',
    'T[2,0] T[0,4] T[4]',
    'T[0,3] T[3,4] T[4]',
    'T[1,4099] T[4099,3]',
    'T[17,33] T[33,19] T[17,19]',
  ],
  GlobalAveragePool: GLOBAL_POOLS,
  GlobalLpPool: [...GLOBAL_POOLS, 'T[1,2,3,3] ; p=1'],
  GlobalMaxPool: GLOBAL_POOLS,
  GridSample: GRID_SAMPLES,
  GroupNormalization: ['T[2,4,5] T[4] T[4] ; num_groups=4', 'T[1,6,3,3] T[6] T[6] ; num_groups=3 epsilon=0.1'],
  GRU: [...recurrent(3), ...recurrent(3).map((text) => `${text} linear_before_reset=1`)],
  Hardmax: SOFTMAX,
  InstanceNormalization: ['T[1,2,1] T[2] T[2]', 'T[1,2,4099] T[2] T[2]', 'T[0,3,4] T[3] T[3]', 'T[2,3,5] T[3] T[3]'],
  LayerNormalization: [
    'T[2,3,4] T[3,4] ; axis=1',
    'T[2,4] T[4]',
    'T[2,1] T[1]',
    'T[1,4099] T[4099]',
    'T[0,4] T[4] T[4]',
    'y m s = LayerNormalization T[2,4] T[4] T[4]',
  ],
  LogSoftmax: SOFTMAX,
  LpNormalization: ['T[2,3] ; axis=0 p=1', 'T[3,3] ; axis=-1 p=2', 'T[0,3]'],
  LpPool: [...POOLS, 'T[1,2,4,4] ; kernel_shape=[2,2] p=1', 'T[1,2,4,4] ; kernel_shape=[2,2] p=3'],
  LRN: ['T[1,5,2,2] ; size=4', 'T[1,1,2,2] ; size=3 alpha=1.0 beta=0.5 bias=2.0'],
  LSTM: [...recurrent(4), 'y h c = LSTM T[3,2,3] T[1,16,3] T[1,16,4] - - T[1,2,4] T[1,2,4] T[1,12] ; hidden_size=4'],
  MatMul: [
    'T[3] T[3]',
    'T[3] T[3,4]',
    'T[2,3] T[3]',
    'T[2,3,4] T[4,5]',
    'T[2,1,3,4] T[5,4,2]',
    'T[2,0] T[0,3]',
    'T[0,3] T[3,2]',
    'T[1,4099] T[4099,1]',
    'T[17,33] T[33,19]',
  ],
  MatMulInteger: ['T[2,3] T[3,4] T[]{1} T[]{2}', 'T[2,3] T[3,4] T[2]{1,2} T[4]{0,1,2,3}', 'T[3] T[3]', 'T[2,0] T[0,3]'],
  MaxPool: [
    ...POOLS,
    'y i = MaxPool T[1,2,4,4] ; kernel_shape=[2,2]',
    'y i = MaxPool T[1,1,4,4] ; kernel_shape=[2,2] storage_order=1',
  ],
  MeanVarianceNormalization: ['T[2,3,4] ; axes=[0,2]', 'T[1,2,1,1]', 'T[0,2,3,3]'],
  NegativeLogLikelihoodLoss: [
    'T[2,3,2] int64[2,2]{0,1,2,0} T[3] ; reduction=mean',
    'T[2,3] int64[2]{1,2} ; reduction=none ignore_index=1',
    'T[2,3] int64[2]{1,1} ; reduction=mean ignore_index=1',
  ],
  NonZero: ['T[]', 'T[0]', 'T[3,1,5]'],
  OneHot: [
    'int64[3]{-1,5,2} int64[]{4} T[2]',
    'int64[2,2]{0,1,2,3} int64[]{4} T[2] ; axis=0',
    'int64[0]{} int64[]{4} T[2]',
  ],
  Pad: [
    ...['reflect', 'edge', 'wrap'].map((mode) => `T[3,4] int64[4]{1,2,2,1} ; mode=${mode}`),
    'T[3,4] int64[4]{-1,0,0,-1}',
    'T[3,4] int64[4]{-1,2,1,-2} ; mode=edge',
    'T[3,4] int64[2]{1,2} T[]{7} int64[1]{-1}',
    'T[0,3] int64[4]{1,0,1,0}',
    'T[3] int64[2]{2,2} ; mode=reflect',
    'T[1,3] int64[4]{0,0,0,0}',
  ],
  QuantizeLinear: [
    'T[96] float32[]{0.5} uint8[]{3}',
    'T[96] float32[]{1} int8[]{0}',
    'T[96] float32[]{1} uint16[]{0}',
    'T[96] float32[]{1} int16[]{0}',
    'T[2,3] float32[3]{0.5,2.0,0.1} int8[3]{0,1,-2}',
    'T[4,2] float32[2,2]{0.5,2.0,0.1,1.0} uint8[2,2]{0,1,2,3} ; axis=0 block_size=2',
    'T[5] float32[]{0.0} uint8[]{1}',
    'T[0] float32[]{1} uint8[]{0}',
  ],
  Range: ['T[]{5} T[]{1} T[]{-2}', 'T[]{1} T[]{1} T[]{1}', 'T[]{1} T[]{5} T[]{-1}'],
  ...Object.fromEntries(
    ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'].map((name) => [
      `Reduce${name}`,
      REDUCTIONS,
    ]),
  ),
  Reshape: [
    'T[2,6] int64[2]{0,-1}',
    'T[2,6] int64[1]{-1}',
    'T[0,3] int64[2]{0,3} ; allowzero=1',
    'T[0,3] int64[2]{3,0} ; allowzero=1',
    'T[1] int64[0]{}',
  ],
  Resize: RESIZES,
  ReverseSequence: ['T[2,4] int64[2]{1,4} ; batch_axis=0 time_axis=1', 'T[4,2,3] int64[2]{0,3}'],
  RNN: recurrent(1),
  RMSNormalization: ['T[2,3,4] T[3,4] ; axis=1', 'T[2,1] T[1]', 'T[1,4099] T[4099]'],
  RoiAlign: [
    'T[1,1,5,5] float32[2,4]{0,0,4,4,-1,1,7,2} int64[2]{0,0} ; output_height=2 output_width=3 mode=max sampling_ratio=2',
    'T[1,1,5,5] float32[1,4]{1,1,3,4} int64[1]{0} ; output_height=2 output_width=2 coordinate_transformation_mode=output_half_pixel',
    'T[1,1,5,5] float32[0,4]{} int64[0]{} ; output_height=2 output_width=2',
  ],
  ScatterElements: [
    ...ROUNDING_SCATTERS.map((how) => `T[4,2] int64[3,1]{1,1,-1} T[3,1] ; reduction=${how}`),
    'T[4,2] int64[1,2]{0,1} T[1,2] ; axis=1',
    'T[4,2] int64[0,2]{} T[0,2]',
  ],
  ScatterND: [
    ...ROUNDING_SCATTERS.map((how) => `T[4,2] int64[3,1]{1,1,-1} T[3,2] ; reduction=${how}`),
    'T[4,2] int64[0,1]{} T[0,2]',
  ],
  Shape: ['T[2,3,4] ; start=1', 'T[2,3,4] ; start=-2 end=-1', 'T[]', 'T[0,3]'],
  Slice: [
    'T[5,4] int64[1]{-1} int64[1]{-6} int64[1]{0} int64[1]{-2}',
    'T[5,4] int64[2]{1,0} int64[2]{99,-1}',
    'T[5,4] int64[1]{3} int64[1]{1} int64[1]{0}',
    'T[0,4] int64[1]{0} int64[1]{2} int64[1]{1}',
    'T[5,4] int64[1]{-99} int64[1]{99} int64[1]{-1} int64[1]{3}',
  ],
  Softmax: SOFTMAX,
  SoftmaxCrossEntropyLoss: [
    'y p = SoftmaxCrossEntropyLoss T[2,3,2] int64[2,2]{0,1,2,0} T[3] ; reduction=mean',
    'T[2,3] int64[2]{1,2} ; reduction=none ignore_index=1',
    'T[2,3] int64[2]{1,1} ; reduction=mean ignore_index=1',
  ],
  SpaceToDepth: ['T[2,3,6,3] ; blocksize=3', 'T[0,1,4,4] ; blocksize=2'],
  Split: [
    'y z w = Split T[7] ; num_outputs=3',
    'y z = Split T[2,4] int64[2]{0,4} ; axis=-1',
    'y z = Split T[0,4] ; axis=1 num_outputs=2',
  ],
  Squeeze: ['T[1,3,1]', 'T[1,3,1] int64[1]{-1}', 'T[1,0,1] int64[1]{0}'],
  STFT: ['T[1,16,1] int64[]{4} - int64[]{8}', 'T[1,16,1] int64[]{3} T[8]{1,1,1,1,1,1,1,1} ; onesided=0'],
  Tile: ['T[2,3] int64[2]{0,2}', 'T[2,3] int64[2]{3,1}', 'T[0,3] int64[2]{2,2}', 'T[1] int64[1]{7}'],
  TopK: [
    'y i = TopK T[2,7] int64[1]{3} ; largest=0',
    'y i = TopK T[5,3] int64[1]{2} ; axis=0',
    'y i = TopK T[2,4] int64[1]{0}',
    'y i = TopK T[2,4] int64[1]{4}',
    'y i = TopK T[1,521] int64[1]{300}',
    'y i = TopK T[0,4] int64[1]{2}',
  ],
  Transpose: ['T[2,3,4]', 'T[2,1,3,5] ; perm=[0,3,1,2]', 'T[0,3]', 'T[]', 'T[67,61]'],
  Trilu: ['T[3,5] ; upper=0', 'T[2,3,3] int64[]{1}', 'T[3,3] int64[]{-9}', 'T[3,4] int64[]{-1} ; upper=0', 'T[0,3]'],
  Unique: [
    'y i v c = Unique T[7] ; sorted=0',
    'y i v c = Unique T[3,2] ; axis=0',
    'y i v c = Unique T[0]',
    'y i v c = Unique T[9]',
  ],
  Unsqueeze: ['T[3] int64[2]{0,-1}', 'T[] int64[1]{0}', 'T[0] int64[1]{1}'],
};
