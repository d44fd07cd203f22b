import { describe, expect, it } from 'vitest';
import { decodeModel, encodeModel } from '../codec/index.js';
import type { RheobaseError } from '../errors.js';
import { MaxPool, Split } from '../generated/operators.js';
import type { Model } from '../model/model.js';
import * as op from '../op/index.js';
import { tensor } from '../tensor/index.js';
import { buildModel } from './build-model.js';
import { constant } from './constant.js';
import { input } from './input.js';
import { makeNode } from './make-node.js';
import type { AnyValue } from './value.js';

const x = input('x', 'float32', ['batch', 784]);

describe('buildModel', () => {
  it('finds the nodes that the outputs need, in order', () => {
    const mask = op.greater(x, 0.2);
    const y = op.where(mask, x, 0);
    op.exp(y);
    const { graph, opsets, irVersion } = buildModel({ inputs: [x], outputs: { y } });
    expect(graph.nodes.map(({ opType, inputs, outputs }) => [opType, inputs, outputs])).toEqual([
      ['Greater', ['x', 'constant'], ['greater']],
      ['Where', ['greater', 'x', 'constant_2'], ['y']],
    ]);
    expect(graph.outputs[0].type).toEqual({ kind: 'tensor', dtype: 'float32', shape: ['batch', 784] });
    expect(graph.valueInfo.map(({ name, type }) => [name, type])).toEqual([
      ['greater', { kind: 'tensor', dtype: 'bool', shape: ['batch', 784] }],
    ]);
    expect({ opsets, irVersion }).toEqual({ opsets: { '': 21 }, irVersion: 10 });
  });

  it('promotes numbers to the element type of the other input, and shares equal ones', () => {
    const half = input('h', 'float16', [2]);
    const { initializers } = buildModel({ inputs: [half], outputs: { y: op.add(op.mul(half, 2), 2) } }).graph;
    expect(initializers.map(({ dtype, shape }) => [dtype, shape])).toEqual([['float16', []]]);
  });

  it('keeps wished-for names, unique', () => {
    const a = op.relu(x).named('hidden');
    const b = op.abs(a).named('hidden');
    const names = buildModel({ inputs: [x], outputs: { y: op.add(a, b) } }).graph.nodes.map(({ name }) => name);
    expect(names).toEqual(['hidden', 'hidden_2', 'y']);
  });

  it('gives each output a value of its own', () => {
    const r = op.relu(x);
    const model = buildModel({ inputs: [x], outputs: { a: r, b: r, same: x, fixed: constant(1) } });
    expect(model.graph.outputs.map(({ name }) => name)).toEqual(['a', 'b', 'same', 'fixed']);
    expect(opTypes(model)).toEqual(['Relu', 'Identity', 'Identity', 'Identity']);
  });

  it('names an unused output, unless it is optional', () => {
    const pieces = makeNode(Split, [x, [1, 2, 781]], { axis: 1 }, { outputs: 3 });
    const pooled = makeNode(MaxPool, [op.reshape(x, [1, 1, -1])], { kernel_shape: [2] }, { outputs: 2 });
    const { nodes } = buildModel({ inputs: [x], outputs: { y: pieces[2], z: pooled[0] } }).graph;
    const outputsOf = (opType: string) => nodes.find((node) => node.opType === opType)?.outputs;
    expect(outputsOf('Split')).toEqual(['split.0', 'split.1', 'y']);
    expect(outputsOf('MaxPool')).toEqual(['z']);
  });

  it('renames inputs that are given by name', () => {
    const { graph } = buildModel({ inputs: { image: x }, outputs: { y: op.relu(x) } });
    expect([graph.inputs[0].name, graph.nodes[0].inputs]).toEqual(['image', ['image']]);
  });

  it('builds and encodes a chain of ten thousand nodes', () => {
    let y = x;
    for (let index = 0; index < 10_000; index += 1) y = op.add(y, 1);
    const model = decodeModel(encodeModel(buildModel({ inputs: [x], outputs: { y } })));
    expect(model.graph.nodes.length).toBe(10_000);
  });
});

describe('errors', () => {
  const holes: AnyValue[] = [];
  it.each<[string, () => unknown, string]>([
    [
      'an input left out',
      () => buildModel({ inputs: [], outputs: { y: op.relu(x) } }),
      "input 'x' is used by Relu and is not among",
    ],
    ['an input twice', () => buildModel({ inputs: [x, x], outputs: { y: op.relu(x) } }), "two inputs are named 'x'"],
    ['a value as input', () => buildModel({ inputs: [op.relu(x)], outputs: { y: x } }), 'is listed as an input'],
    ['no outputs', () => buildModel({ inputs: [x], outputs: {} }), 'has no outputs'],
    [
      'an output named as an input',
      () => buildModel({ inputs: [x], outputs: { x: op.relu(x) } }),
      "'x' is an input and an output",
    ],
    [
      'a hole among the inputs',
      () => buildModel({ inputs: [x, holes[0]], outputs: { y: x } }),
      "input '1' is no value",
    ],
    [
      'an input that is undefined',
      () => buildModel({ inputs: { a: holes[0] }, outputs: { y: x } }),
      "input 'a' is no value",
    ],
    [
      'an opset out of range',
      () => buildModel({ inputs: [x], outputs: { y: x }, opset: 7 }),
      'opset 7; choose one from 13 to 28',
    ],
    [
      'an operator of a later opset',
      () => buildModel({ inputs: [x], outputs: { y: op.gelu(x) }, opset: 19 }),
      'Gelu: opset 19 does not have it; build with opset 20',
    ],
    [
      'a mix of element types',
      () => op.add(x as never, input('n', 'int64', [])),
      'Add: input A is float32 and input B is int64',
    ],
    [
      'an element type the operator lacks',
      () => op.sqrt(input('n', 'int64', [])),
      'Sqrt: input X is int64, which is not among',
    ],
    [
      'matrices that do not fit',
      () => op.matMul(input('a', 'float32', [1, 784]), input('b', 'float32', [128, 10])),
      'MatMul: [1,784] x [128,10]: 784 != 128',
    ],
    [
      'shapes that do not broadcast',
      () => op.add(x, input('b', 'float32', [3])),
      'Add: [batch,784] and [3] do not broadcast',
    ],
    [
      'options where an operand stands',
      () => op.conv(input('i', 'float32', [1, 2, 8]), input('w', 'float32', [4, 2, 3]), { pads: [1, 1] } as never),
      'Conv: object is no float32',
    ],
    [
      'all outputs where one should stand',
      () => op.relu(op.topK(x, [1n] as never) as never),
      'Relu: input X is all outputs of an operator; take one: .values, .indices',
    ],
    ['a fraction as an integer', () => op.add(input('n', 'int64', []), 0.5), 'Add: 0.5 is no int64'],
    ['an axis outside the shape', () => op.softmax(x, { axis: 2 }), 'Softmax: axis 2 is outside a shape of rank 2'],
  ])('%s', (_, action, message) => expect(action).toThrow(message));

  it('name the line of the call', () => {
    const error = thrown(() => op.matMul(input('a', 'float32', [1, 2]), input('b', 'float32', [3, 4])));
    expect(error.where).toMatch(/build-model\.test\.ts:\d+:\d+$/);
  });

  it('name the opset that takes an element type', () => {
    const b = input('b', 'bfloat16', []);
    const mask = input('m', 'bool', []);
    const build = (opset: number) => buildModel({ inputs: [b, mask], outputs: { y: op.where(mask, b, b) }, opset });
    expect(() => build(15)).toThrow('Where: at opset 15 input X is bfloat16');
    expect(() => build(15)).toThrow('build with opset 16 or later');
    expect(opTypes(build(16))).toEqual(['Where']);
  });
});

describe('constant', () => {
  it('takes tensors and literals', () => {
    expect(constant(1).dtype).toBe('float32');
    expect(constant(1n).dtype).toBe('int64');
    expect(constant([true, false]).type).toEqual({ kind: 'tensor', dtype: 'bool', shape: [2] });
    expect(constant([0.5], 'float16').constant?.data).toEqual(Uint16Array.of(0x3800));
    expect(constant(tensor('int8', [1], Int8Array.of(-1)), 'w').name).toBe('w');
  });

  it('refuses numbers that do not fit', () => {
    expect(() => constant(300, 'uint8')).toThrow('300 does not fit in uint8');
    expect(() => constant(2 ** 31, 'int32')).toThrow('does not fit in int32');
  });
});

function opTypes(model: Model): string[] {
  return model.graph.nodes.map(({ opType }) => opType);
}

function thrown(action: () => unknown): RheobaseError {
  try {
    action();
  } catch (error) {
    return error as RheobaseError;
  }
  throw new Error('nothing was thrown');
}
