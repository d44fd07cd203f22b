/** Models for tests of the codec: the smallest one, and one that uses every part of the format. */
import protobuf from 'protobufjs/minimal.js';
import { type ModelProto, writeGraphProto, writeModelProto, writeNodeProto } from '../src/generated/onnx-proto.js';
import { initializer } from '../src/model/initializer.js';
import type { Attribute, Graph, Initializer, Model, Node, ValueInfo } from '../src/model/model.js';
import { DTYPES, type DType, storageLength, storageOf, type Tensor } from '../src/tensor/index.js';

const NOTES = { docString: 'why', metadata: { author: 'someone', '7': 'seven', __proto__x: '' } };

const EMPTY_GRAPH: Graph = {
  name: 'main',
  docString: '',
  inputs: [],
  outputs: [],
  initializers: [],
  sparseInitializers: [],
  nodes: [],
  valueInfo: [],
  metadata: {},
};

export const MINIMAL_MODEL: Model = {
  irVersion: 10,
  opsets: { '': 21 },
  graph: EMPTY_GRAPH,
  functions: [],
  producerName: '',
  producerVersion: '',
  domain: '',
  modelVersion: 0n,
  docString: '',
  metadata: {},
};

/** A tensor of any element type whose bytes are 0, 1, 2, … */
export function countingTensor(dtype: DType, shape: readonly number[]): Tensor {
  if (dtype === 'string') {
    const data = Array.from({ length: storageLength(dtype, shape) }, (_, index) => `text ${index} ñ`);
    return { dtype, shape, data };
  }
  const data = new (storageOf(dtype))(storageLength(dtype, shape));
  new Uint8Array(data.buffer).forEach((_, index, bytes) => {
    bytes[index] = dtype === 'bool' ? index % 2 : index;
  });
  return { dtype, shape, data } as Tensor;
}

const external: Initializer = {
  ...initializer('outside', countingTensor('float32', [0])),
  shape: [2, 3],
  content: { kind: 'external', location: 'weights.bin', offset: 4096, length: 24, checksum: 'abc' },
};

const sparse = {
  values: initializer('sparse', countingTensor('float32', [2])),
  indices: initializer('', countingTensor('int64', [2])),
  shape: [10],
};

const subgraph: Graph = {
  ...EMPTY_GRAPH,
  name: 'inner',
  initializers: [initializer('c', countingTensor('int8', [3]))],
  sparseInitializers: [sparse],
};

const ATTRIBUTES: readonly Attribute[] = [
  { name: 'float', kind: 'float', value: Math.fround(0.1), docString: 'documented' },
  { name: 'int', kind: 'int', value: -(2n ** 63n) },
  { name: 'string', kind: 'string', value: Uint8Array.of(0xff, 0, 1) },
  { name: 'tensor', kind: 'tensor', value: initializer('t', countingTensor('float64', [2, 2])) },
  { name: 'graph', kind: 'graph', value: subgraph },
  { name: 'type', kind: 'type', value: { kind: 'tensor', dtype: 'bool', shape: [] } },
  { name: 'sparse', kind: 'sparseTensor', value: sparse },
  { name: 'floats', kind: 'floats', value: [0, -0, Infinity, 2 ** -149] },
  { name: 'ints', kind: 'ints', value: [0n, -1n, 2n ** 63n - 1n, 127n, 128n, 2n ** 31n, -(2n ** 31n), 2n ** 53n + 1n] },
  { name: 'strings', kind: 'strings', value: [Uint8Array.of(), Uint8Array.of(65)] },
  { name: 'tensors', kind: 'tensors', value: [initializer('', countingTensor('string', [2]))] },
  { name: 'graphs', kind: 'graphs', value: [subgraph, EMPTY_GRAPH] },
  { name: 'sparses', kind: 'sparseTensors', value: [sparse] },
  {
    name: 'types',
    kind: 'types',
    value: [{ kind: 'map', key: 'int64', value: { kind: 'tensor', dtype: 'string', shape: null } }],
  },
  { name: 'none', kind: 'ints', value: [] },
  { name: 'reference', kind: 'reference', refName: 'alpha', type: 'float' },
];

const VALUES: readonly ValueInfo[] = [
  { name: 'x', type: { kind: 'tensor', dtype: 'float32', shape: ['batch', 784, null], denotation: 'IMAGE' }, ...NOTES },
  {
    name: 'denoted',
    type: { kind: 'tensor', dtype: 'float16', shape: [1, 'c'], dimDenotations: ['DATA_BATCH', ''] },
    docString: '',
    metadata: {},
  },
  { name: 'any rank', type: { kind: 'tensor', dtype: 'int4', shape: null }, docString: '', metadata: {} },
  { name: 'scalar', type: { kind: 'tensor', dtype: 'int2', shape: [] }, docString: '', metadata: {} },
  { name: 'sparse', type: { kind: 'sparseTensor', dtype: 'float64', shape: [3] }, docString: '', metadata: {} },
  {
    name: 'nested',
    type: { kind: 'optional', element: { kind: 'sequence', element: { kind: 'tensor', dtype: 'string', shape: [2] } } },
    docString: '',
    metadata: {},
  },
  { name: 'untyped', type: { kind: 'unknown' }, docString: '', metadata: {} },
  // opaque_type { domain: "d" name: "n" }, which the representation keeps as bytes.
  {
    name: 'opaque',
    type: { kind: 'unknown', raw: Uint8Array.of(58, 6, 10, 1, 100, 18, 1, 110) },
    docString: '',
    metadata: {},
  },
];

function encoded<T>(write: (writer: protobuf.Writer, message: T) => protobuf.Writer, message: T): Uint8Array {
  return Uint8Array.from(write(new protobuf.Writer(), message).finish());
}

const NODE: Node = {
  name: 'node',
  opType: 'Custom',
  domain: 'com.example',
  overload: 'variant',
  inputs: ['x', '', 'scalar'],
  outputs: ['y', ''],
  attributes: ATTRIBUTES,
  ...NOTES,
  extra: encoded(writeNodeProto, {
    deviceConfigurations: [
      {
        configurationId: 'two',
        pipelineStage: 1,
        shardingSpec: [
          {
            tensorName: 'x',
            device: [0n, 1n],
            indexToDeviceGroupMap: [{ key: 0n, value: [1n, 2n] }],
            shardedDim: [{ axis: -1n, simpleSharding: [{ dimParam: 'n', numShards: 2n }] }],
          },
        ],
      },
    ],
  }),
};

const TRAINING: ModelProto = {
  trainingInfo: [{ algorithm: { name: 'step' }, initializationBinding: [{ key: 'w', value: 'w0' }] }],
  configuration: [{ name: 'two', numDevices: 2, device: ['a', 'b'] }],
};

export const FULL_MODEL: Model = {
  irVersion: 14,
  opsets: { '': 26, 'com.example': 3 },
  graph: {
    name: 'main',
    inputs: VALUES,
    outputs: VALUES.slice(1),
    valueInfo: VALUES.slice(2),
    initializers: [...DTYPES.map((dtype) => initializer(dtype, countingTensor(dtype, [3, 5]))), external],
    sparseInitializers: [sparse],
    nodes: [NODE],
    ...NOTES,
    extra: encoded(writeGraphProto, {
      quantizationAnnotation: [{ tensorName: 'x', quantParameterTensorNames: [{ key: 'SCALE_TENSOR', value: 's' }] }],
    }),
  },
  functions: [
    {
      name: 'Threshold',
      domain: 'com.example',
      overload: '',
      inputs: ['x'],
      outputs: ['y'],
      attributeNames: ['theta'],
      attributeDefaults: [{ name: 'alpha', kind: 'float', value: 0.5 }],
      nodes: [NODE],
      opsets: { '': 26 },
      valueInfo: VALUES.slice(0, 1),
      ...NOTES,
    },
  ],
  producerName: 'rheobase',
  producerVersion: '1',
  domain: 'com.example',
  modelVersion: 2n ** 40n,
  ...NOTES,
  extra: encoded(writeModelProto, TRAINING),
};
