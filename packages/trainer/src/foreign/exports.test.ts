/** What exporters write beside the ordinary: the imported graph must compute what ONNX Runtime makes of the file. */
import {
  buildModel,
  constant,
  decodeModel,
  encodeModel,
  input,
  type Model,
  makeNode,
  numberToFloat16,
  op,
  random,
  sizeOf,
  type Tensor,
  tensorOf,
  type Value,
} from '@rheobase/exporter';
import * as schemas from '@rheobase/exporter/schemas';
import { nodeBackend } from '@rheobase/runtime-node';
import { describe, expect, it } from 'vitest';
import { numbers, runGraph } from '../../test/run-graph.js';
import { tensorDataset } from '../data/index.js';
import { fit } from '../fit/index.js';
import { sparseCategoricalCrossentropy } from '../losses/index.js';
import { adam } from '../optimizers/index.js';
import { trainableModel } from './index.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
const draw = random(11, 'exports');
const weight = (name: string, ...shape: number[]) => {
  const data = Float32Array.from({ length: sizeOf(shape) }, () => draw.uniform() - 0.5);
  return constant({ dtype: 'float32', shape, data }, name);
};
const half = (name: string, ...shape: number[]) => {
  const data = Uint16Array.from({ length: sizeOf(shape) }, () => numberToFloat16(draw.uniform() - 0.5));
  return constant({ dtype: 'float16', shape, data }, name) as Value<'float16'>;
};
const filled = (name: string, length: number, number: number) =>
  constant({ dtype: 'float32', shape: [length], data: new Float32Array(length).fill(number) }, name);
const image = () => input('x', 'float32', ['n', 1, 6, 6]);
const rows = () => input('x', 'float32', ['n', 4, 8]);
const classes = (features: Value) =>
  op.gemm(op.flatten(features), weight('head', sizeOf(features.shape?.slice(1) as number[]), 3));

interface Row {
  readonly name: string;
  readonly build: () => Model;
  readonly shape: readonly number[];
  readonly weights: readonly string[];
  readonly sample?: (random: () => number) => number;
}

const ROWS: Row[] = [
  {
    name: 'LSTM with a state of zeros made for the batch',
    shape: [4, 8],
    weights: ['w', 'r', 'head'],
    build: () => {
      const x = rows();
      const batch = op.gather(op.shape(x), constant([0n], 'int64'));
      const state = op.constantOfShape(
        op.concat([constant([1n]), batch, constant([5n])], { axis: 0 }),
      ) as Value<'float32'>;
      const steps = op.transpose(x, { perm: [1, 0, 2] });
      const { yH } = op.lstm(steps, weight('w', 1, 20, 8), weight('r', 1, 20, 5), {
        hiddenSize: 5,
        initialH: state,
        initialC: state,
      });
      const y = op.gemm(op.squeeze(yH, [0]), weight('head', 5, 3));
      return buildModel({ inputs: [x], outputs: { y } });
    },
  },
  {
    name: 'Attention and RMSNormalization of opset 23',
    shape: [4, 8],
    weights: ['scale', 'q', 'head'],
    build: () => {
      const x = rows();
      const normal = op.rmsNormalization(x, filled('scale', 8, 1));
      const { y } = op.attention(op.matMul(normal, weight('q', 8, 8)), normal, normal, { qNumHeads: 2, kvNumHeads: 2 });
      return buildModel({ inputs: [x], outputs: { y: classes(y) }, opset: 23 });
    },
  },
  {
    name: 'Resize whose scales are an initializer, InstanceNormalization',
    shape: [1, 6, 6],
    weights: ['c', 'scale', 'bias', 'head'],
    build: () => {
      const x = image();
      const c = op.conv(x, weight('c', 2, 1, 3, 3), undefined, { strides: [2, 2], pads: [1, 1, 1, 1] });
      const normal = op.instanceNormalization(c, filled('scale', 2, 1), filled('bias', 2, 0));
      const scales = constant({ dtype: 'float32', shape: [4], data: Float32Array.of(1, 1, 2, 2) }, 'scales');
      const y = classes(op.resize(normal, { scales, mode: 'linear' }));
      return buildModel({ inputs: [x], outputs: { y }, opset: 13 });
    },
  },
  {
    name: 'BatchNormalization in training form',
    shape: [1, 6, 6],
    weights: ['c', 'scale', 'bias', 'head'],
    build: () => {
      const x = image();
      const c = op.conv(x, weight('c', 2, 1, 3, 3));
      const operands = [c, filled('scale', 2, 1), filled('bias', 2, 0), filled('mean', 2, 0), filled('variance', 2, 1)];
      const [y, mean, variance] = makeNode(schemas.BatchNormalization, operands, { training_mode: 1 }, { outputs: 3 });
      return buildModel({ inputs: [x], outputs: { y: classes(y), mean, variance }, opset: 15 });
    },
  },
  {
    name: 'Dropout for inference, with a mask that nobody reads',
    shape: [4, 8],
    weights: ['w', 'head'],
    build: () => {
      const x = rows();
      const off = constant({ dtype: 'bool', shape: [], data: Uint8Array.of(0) }, 'training');
      const hidden = op.relu(op.matMul(x, weight('w', 8, 8)));
      const [y] = makeNode(schemas.Dropout, [hidden, constant(0.5, 'float32'), off], {}, { outputs: 2 });
      return buildModel({ inputs: [x], outputs: { y: classes(y) }, opset: 13 });
    },
  },
  {
    name: 'float16 weights behind a Cast, and a part of the graph in float16',
    shape: [4, 8],
    weights: ['w', 'v', 'head'],
    build: () => {
      const x = rows();
      const first = op.relu(op.matMul(x, op.cast(half('w', 8, 8), 'float32')));
      const second = op.cast(op.matMul(op.cast(first, 'float16'), half('v', 8, 8)), 'float32');
      return buildModel({ inputs: [x], outputs: { y: classes(second) }, opset: 13 });
    },
  },
  {
    name: 'numbers of tokens',
    shape: [5],
    weights: ['embedding', 'head'],
    sample: (random) => Math.floor(random() * 20),
    build: () => {
      const ids = input('ids', 'int64', ['n', 5]);
      const y = classes(op.gather(weight('embedding', 20, 4), ids) as Value<'float32'>);
      return buildModel({ inputs: [ids], outputs: { y } });
    },
  },
];

describe.each(ROWS)('$name', ({ build, shape, weights, sample = (random) => random() }) => {
  const model = decodeModel(encodeModel(build()));
  const network = trainableModel(model).build({ inputShape: shape });
  const { uniform } = random(5);
  const x: Tensor = {
    dtype: 'float32',
    shape: [12, ...shape],
    data: Float32Array.from({ length: 12 * sizeOf(shape) }, () => sample(uniform)),
  };

  it('is imported as what it computes', async () => {
    const [{ name, layer }] = network.layers;
    const own = network.parameters.map((one) => [one.name.slice(name.length + 1), constant(one.initial(0))]);
    const value = input('x', 'float32', x.shape);
    const [found] = await runGraph([value], [layer.forward(value, Object.fromEntries(own))], [x]);
    const session = await backend.open({ bytes: encodeModel(model) });
    const [given] = model.graph.inputs;
    const isWhole = given.type.kind === 'tensor' && given.type.dtype === 'int64';
    const whole = () => BigInt64Array.from(x.data as Float32Array, BigInt);
    const feed: Tensor = isWhole ? { dtype: 'int64', shape: x.shape, data: whole() } : x;
    const { outputs } = await session.run({ [given.name]: feed });
    const expected = numbers(outputs.y);
    for (const [at, element] of numbers(found).entries()) expect(Math.abs(element - expected[at])).toBeLessThan(2e-3);
    await session.close();
  });

  it('is fine-tuned: its weights move, in their own type', async () => {
    const labels: Tensor = {
      dtype: 'int64',
      shape: [12],
      data: BigInt64Array.from({ length: 12 }, (_, at) => BigInt(at % 3)),
    };
    const options = { backend, loss: sparseCategoricalCrossentropy(), optimizer: adam(), learningRate: 0.02 };
    const result = await fit(trainableModel(model), tensorDataset(x, labels), { ...options, epochs: 15 });
    expect(result.history.at(-1)?.loss).toBeLessThan(result.history[0].loss);
    const after = new Map(result.toModel().graph.initializers.map((one) => [one.name, one]));
    for (const former of model.graph.initializers.filter((one) => weights.includes(one.name))) {
      const now = after.get(former.name) ?? former;
      expect(now.dtype).toBe(former.dtype);
      expect(tensorOf(now).data).not.toEqual(tensorOf(former).data);
    }
    expect(weights.filter((name) => !after.has(name))).toEqual([]);
  });
});

it('Dropout in training mode is refused in one line that names its node', () => {
  const x = rows();
  const on = constant({ dtype: 'bool', shape: [], data: Uint8Array.of(1) }, 'training');
  const [y] = makeNode(schemas.Dropout, [op.matMul(x, weight('w', 8, 8)), constant(0.5, 'float32'), on], {}, {});
  const model = decodeModel(encodeModel(buildModel({ inputs: [x], outputs: { y: classes(y) } })));
  expect(() => trainableModel(model).build({ inputShape: [4, 8] })).toThrow(
    /node '.*' \(Dropout\): Dropout: is in training mode.*; export the model for inference/,
  );
});
