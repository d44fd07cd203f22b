import { afterAll, expect, it } from 'vitest';
import { OrtProcess, outputsText } from '../../test/ort-process.js';
import { MINIMAL_MODEL } from '../../test/sample-models.js';
import { temporaryPath } from '../../test/temporary-path.js';
import { encodeModel } from '../codec/encode.js';
import { initializer } from '../model/initializer.js';
import type { Initializer, Model, Node, ValueInfo } from '../model/model.js';
import { tensor } from '../tensor/index.js';
import { readModelFile, type WriteModelOptions, writeModelFile } from './index.js';

const ort = new OrtProcess();
afterAll(() => ort.close());

const SIZE = 192;

function matrix(name: string, seed: number): Initializer {
  const data = Float32Array.from({ length: SIZE * SIZE }, (_, index) => Math.sin(index * seed) / SIZE);
  return initializer(name, tensor('float32', [SIZE, SIZE], data));
}

function streamed({ name, ...rest }: Initializer): Initializer {
  const content = rest.content.kind === 'inline' ? rest.content.data().data : undefined;
  if (!(content instanceof Float32Array)) throw new Error('not inline');
  const bytes = new Uint8Array(content.buffer);
  const chunks = () => [bytes.subarray(0, 1001), bytes.subarray(1001)];
  return { name, ...rest, content: { kind: 'stream', byteLength: bytes.length, chunks } };
}

const value = (name: string): ValueInfo => ({
  name,
  type: { kind: 'tensor', dtype: 'float32', shape: [1, SIZE] },
  docString: '',
  metadata: {},
});
const node = (opType: string, inputs: string[], output: string): Node => ({
  ...{ name: output, opType, domain: '', overload: '', inputs, outputs: [output] },
  ...{ attributes: [], docString: '', metadata: {} },
});
const model: Model = {
  ...MINIMAL_MODEL,
  graph: {
    ...MINIMAL_MODEL.graph,
    inputs: [value('x')],
    outputs: [value('y')],
    initializers: [matrix('a', 1), initializer('bias', tensor('float32', [1], Float32Array.of(0.5))), matrix('b', 2)],
    nodes: [node('MatMul', ['x', 'a'], 'h'), node('Add', ['h', 'bias'], 'i'), node('MatMul', ['i', 'b'], 'y')],
  },
};
const feeds = {
  x: tensor(
    'float32',
    [1, SIZE],
    Float32Array.from({ length: SIZE }, (_, index) => Math.cos(index)),
  ),
};

it.each<[string, WriteModelOptions]>([
  ['in one file', { externalData: {} }],
  ['in a file each', { externalData: { shardBytes: 1000 } }],
  ['close together', { externalData: { alignment: 1 } }],
  ['in the model', {}],
])('ONNX Runtime opens what is written: weights %s, from memory or a stream', async (_, options) => {
  const expected = outputsText(await ort.run(encodeModel(model), feeds));
  const initializers = model.graph.initializers.map((one) => (one.shape.length === 2 ? streamed(one) : one));
  for (const written of [model, { ...model, graph: { ...model.graph, initializers } }]) {
    const path = temporaryPath('model.onnx');
    await writeModelFile(path, written, options);
    expect(outputsText(await ort.run(path, feeds))).toBe(expected);
    const whole = temporaryPath('whole.onnx');
    await writeModelFile(whole, await readModelFile(path), { externalData: false });
    expect(outputsText(await ort.run(whole, feeds))).toBe(expected);
  }
});
