import {
  buildModel,
  constant,
  type DType,
  decodeModel,
  dense,
  encodeModel,
  input,
  type Model,
  op,
  random,
  sequential,
  sizeOf,
  sparseActivation,
  type Tensor,
  tensorOf,
  type Value,
} from '@rheobase/exporter';
import { nodeBackend } from '@rheobase/runtime-node';
import { describe, expect, it } from 'vitest';
import { type Dataset, tensorDataset } from '../data/index.js';
import { fit } from '../fit/index.js';
import { sparseCategoricalCrossentropy } from '../losses/index.js';
import { adam } from '../optimizers/index.js';
import { exampleShapeOf, modelLayer, trainableModel } from './index.js';

const backend = nodeBackend('node/cpu', { isolation: 'none' });
const base = {
  backend,
  loss: sparseCategoricalCrossentropy(),
  optimizer: adam(),
  learningRate: 0.01,
  session: { threads: 1 },
};

const draw = random(3, 'weights');
const floats = (shape: readonly number[], scale = 1): Tensor<'float32'> => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from({ length: sizeOf(shape) }, () => (draw.uniform() * 2 - 1) * scale),
});
const weight = (name: string, ...shape: number[]) => constant(floats(shape, 1 / Math.sqrt(shape.at(-1) ?? 1)), name);

/** Images of 6 × 6 with two channels; the class is the quadrant that is brightest. */
function quadrants(count: number, shape: readonly number[]): Dataset {
  const { uniform } = random(5, `quadrants ${count}`);
  const x = new Float32Array(count * 72);
  const y = new BigInt64Array(count);
  for (let example = 0; example < count; example += 1) {
    const bright = Math.floor(uniform() * 4);
    y[example] = BigInt(bright);
    for (let at = 0; at < 72; at += 1) {
      const [row, column] = [Math.floor((at % 36) / 6), at % 6];
      const isBright = Math.floor(row / 3) * 2 + Math.floor(column / 3) === bright;
      x[example * 72 + at] = uniform() + (isBright ? 0.7 : 0);
    }
  }
  return tensorDataset(
    { dtype: 'float32', shape: [count, ...shape], data: x },
    { dtype: 'int64', shape: [count], data: y },
  );
}

const flat = (opset = 17, batch: string | number = 'batch'): Model => {
  const x = input('pixels', 'float32', [batch, 72]);
  const hidden = op.relu(op.gemm(x, weight('fc1.weight', 16, 72), weight('fc1.bias', 16), { transB: true }));
  const y = op.gemm(hidden, weight('fc2.weight', 4, 16), weight('fc2.bias', 4), { transB: true });
  return buildModel({ inputs: [x], outputs: { logits: y }, opset });
};

function keras(): Model {
  const x = input('x', 'float32', [null, 72]);
  const hidden = op.relu(op.add(op.matMul(x, weight('dense/kernel', 72, 16)), weight('dense/bias', 16)));
  const y = op.add(op.matMul(hidden, weight('dense_1/kernel', 16, 4)), weight('dense_1/bias', 4));
  return buildModel({ inputs: [x], outputs: { probabilities: op.identity(op.softmax(y)) }, opset: 13 });
}

function convolutional(): Model {
  const x = input('image', 'float32', [1, 2, 6, 6]);
  const c = op.conv(x, weight('conv.weight', 8, 2, 3, 3), weight('conv.bias', 8), { pads: [1, 1, 1, 1] });
  const ones = (name: string, value: number) =>
    constant({ dtype: 'float32', shape: [8], data: new Float32Array(8).fill(value) }, name);
  const { y: normal } = op.batchNormalization(
    c,
    ones('bn.scale', 1),
    ones('bn.bias', 0),
    ones('bn.mean', 0.1),
    ones('bn.var', 1.2),
  );
  const { y: pooled } = op.maxPool(op.relu(normal), { kernelShape: [2, 2], strides: [2, 2] });
  const features = op.reshape(pooled, [1, 72]);
  return buildModel({
    inputs: [x],
    outputs: { y: op.softmax(op.gemm(features, weight('fc.weight', 4, 72), weight('fc.bias', 4), { transB: true })) },
    opset: 12 + 1,
  });
}

/** As Caffe2 and early PyTorch wrote classifiers: the softmax of opset 9 over [batch, classes, 1, 1]. */
function early(): Model {
  const x = input('data', 'float32', [1, 2, 6, 6]);
  const c = op.relu(op.conv(x, weight('w1', 16, 2, 3, 3), weight('b1', 16), { strides: [3, 3] }));
  const classes = op.conv(c, weight('w2', 4, 16, 2, 2), weight('b2', 4));
  const model = buildModel({ inputs: [x], outputs: { y: op.softmax(op.globalAveragePool(classes), { axis: 1 }) } });
  return { ...model, irVersion: 4, opsets: { '': 9 } };
}

/** A layer under a condition that the graph decides, which nothing is trained in. */
function branching(): Model {
  const x = input('x', 'float32', ['n', 72]);
  const isLarge = op.greater(op.reduceMax(x, { keepdims: false }), 1e6);
  const safe = op.ifElse(
    isLarge,
    () => op.div(x, 1e6) as Value<'float32'>,
    () => op.identity(x) as Value<'float32'>,
  );
  const y = op.matMul(op.tanh(op.matMul(safe, weight('a', 72, 16))), weight('b', 16, 4));
  return buildModel({ inputs: [x], outputs: { y } });
}

const initializers = ({ graph }: Model) => new Map(graph.initializers.map((one) => [one.name, tensorOf(one)]));

async function accuracy(model: Model, data: Dataset): Promise<number> {
  const session = await backend.open({ bytes: encodeModel(model) });
  const [{ name, type }] = model.graph.inputs;
  const shape = type.kind === 'tensor' ? (type.shape ?? []) : [];
  let right = 0;
  for (let example = 0; example < data.count; example += 1) {
    const x = new Float32Array(72);
    const y = new BigInt64Array(1);
    data.read(Uint32Array.of(example), x, y);
    const feed: Tensor = { dtype: 'float32' as DType, shape: [1, ...(shape.slice(1) as number[])], data: x } as Tensor;
    const [{ data: scores }] = Object.values((await session.run({ [name]: feed })).outputs);
    const list = Array.from(scores as Float32Array);
    if (list.indexOf(Math.max(...list)) === Number(y[0])) right += 1;
  }
  await session.close();
  return right / data.count;
}

describe('fine-tuning a model of another tool', () => {
  it.each<[string, () => Model, readonly number[], readonly string[], readonly string[]]>([
    ['as PyTorch writes Linear', flat, [72], ['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias'], []],
    ['as Keras writes Dense, softmax at the end', keras, [72], ['dense/kernel', 'dense_1/bias'], []],
    [
      'convolution, normalisation, a fixed batch of 1',
      convolutional,
      [2, 6, 6],
      ['conv.weight', 'bn.scale', 'bn.bias', 'fc.bias'],
      ['bn.mean', 'bn.var'],
    ],
    [
      'our own, with a threshold',
      () => recipeLike(),
      [72],
      ['dense/kernel', 'dense_2/kernel'],
      ['sparse_activation/theta'],
    ],
    ['of an early opset, its classes an image', early, [2, 6, 6], ['w1', 'b2'], []],
    ['with a branch', branching, [72], ['a', 'b'], []],
  ])('%s: learns, weights change and nothing else', async (_name, make, shape, changed, kept) => {
    const model = make();
    const data = quadrants(200, shape);
    expect(exampleShapeOf(model, shape)).toEqual(shape);
    const result = await fit(trainableModel(model), data, { ...base, epochs: 12 });
    const trained = decodeModel(encodeModel(result.toModel()));
    expect({ ...trained.graph, initializers: [], valueInfo: [] }).toEqual({
      ...decodeModel(encodeModel(model)).graph,
      initializers: [],
      valueInfo: [],
    });
    expect(trained.opsets).toEqual(model.opsets);
    expect(trained.metadata['training.loss']).toBe('sparseCategoricalCrossentropy');
    const [before, after] = [initializers(model), initializers(trained)];
    for (const name of changed) expect(after.get(name)?.data).not.toEqual(before.get(name)?.data);
    for (const name of kept) expect(after.get(name)).toEqual(before.get(name));
    const test = quadrants(100, shape);
    expect(await accuracy(trained, test)).toBeGreaterThan(0.9);
    expect(await accuracy(model, test)).toBeLessThan(0.7);
  });

  it('tells the share of silent neurons by the names of the model', async () => {
    const result = await fit(trainableModel(flat()), quadrants(64, [72]), { ...base, epochs: 1 });
    const [name] = Object.keys(result.history[0].sparsity);
    expect(flat().graph.nodes.find(({ opType }) => opType === 'Relu')?.outputs).toEqual([name]);
    expect(result.history[0].sparsity[name]).toBeGreaterThan(0.1);
  });
});

it('a model is a layer among others: its weights and theirs learn', async () => {
  const model = sequential([modelLayer(flat()), dense(4, { activation: 'softmax' })]);
  const result = await fit(model, quadrants(200, [72]), { ...base, epochs: 12, validation: quadrants(100, [72]) });
  const last = result.history.at(-1);
  expect(last?.validation?.accuracy).toBeGreaterThan(0.9);
  expect(Object.values(last?.sparsity ?? {})).toHaveLength(1);
  expect(Object.keys(result.parameters)).toContain('model/fc1.weight');
  expect(await accuracy(result.toModel(), quadrants(100, [72]))).toBe(last?.validation?.accuracy);
});

function recipeLike(): Model {
  return sequential([
    dense(16, { activation: 'relu' }),
    sparseActivation({ threshold: 0.05 }),
    dense(4, { activation: 'softmax' }),
  ]).toModel({ inputShape: [72] });
}

describe('what cannot be trained is told with its node', () => {
  const x = input('x', 'float32', ['n', 4]);
  const trainOn = (model: Model) => {
    const y = { dtype: 'int64', shape: [2], data: BigInt64Array.of(0n, 1n) } as const;
    return fit(
      trainableModel(model),
      tensorDataset({ dtype: 'float32', shape: [2, 4], data: new Float32Array(8) }, y),
      base,
    );
  };
  const other = (opType: string, domain: string): Model => {
    const model = buildModel({ inputs: [x], outputs: { y: op.relu(op.matMul(x, weight('w', 4, 2))) } });
    const [product, relu] = model.graph.nodes;
    return {
      ...model,
      opsets: { ...model.opsets, [domain]: 1 },
      graph: { ...model.graph, nodes: [product, { ...relu, opType, domain, name: 'odd' }] },
    };
  };

  it.each<[string, () => Model, RegExp]>([
    [
      'a fused operator',
      () => other('FusedGelu', 'com.microsoft'),
      /node 'odd' \(FusedGelu\): FusedGelu is no operator of ONNX \(domain com\.microsoft\); export the model without/,
    ],
    [
      'an operator without a rule',
      () => {
        const spectrum = op.dft(op.unsqueeze(op.matMul(x, weight('w', 4, 4)), [2]));
        return buildModel({ inputs: [x], outputs: { y: op.reshape(spectrum, [-1, 8]) } });
      },
      /DFT: has no gradient rule; path to the loss: DFT/,
    ],
    [
      'a loop around a weight',
      () => {
        const w = weight('w', 4, 4);
        const { state } = op.loop({ count: 3, state: [x] }, (_round, at) => ({ state: [op.tanh(op.matMul(at, w))] }));
        return buildModel({ inputs: [x], outputs: { y: state[0] } });
      },
      /Loop: has no gradient rule; path to the loss: Loop/,
    ],
    [
      'two inputs',
      () => buildModel({ inputs: { a: x, b: input('b', 'float32', ['n', 4]) }, outputs: { y: op.relu(x) } }),
      /the model has 2 inputs \(a, b\), one is trained/,
    ],
    [
      'no weights',
      () => buildModel({ inputs: [x], outputs: { y: op.relu(x) } }),
      /the output depends on no float weights/,
    ],
  ])('%s', async (_name, make, message) => {
    await expect((async () => trainOn(make()))()).rejects.toThrow(message);
  });
});
