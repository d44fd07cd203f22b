/**
 * Models of many kinds, drawn at random: sizes, depths, weights and the order of their parts come from a seed. Written
 * as plain intermediate representation, as another tool's export would come in.
 */
import {
  type Attribute,
  decodeModel,
  encodeModel,
  type Initializer,
  initializer,
  type LocalFunction,
  type Model,
  type Node,
  random,
  recipeModel,
  type ValueInfo,
} from '@rheobase/exporter';
import { type DType, numberToFloat16, type Tensor } from '@rheobase/exporter/tensor';

export const ARCHITECTURES = {
  'an MLP with thresholds': mlp,
  'a CNN with BatchNormalization': cnn,
  'a residual network with LayerNormalization': residual,
  'attention with Softmax': attention,
  'an LSTM': lstm,
  'a float16 network': half,
  'a model with local functions': functions,
  'an int8 QDQ network': quantized,
} as const;

export type Architecture = keyof typeof ARCHITECTURES;

export function drawModel(kind: Architecture, seed: number): Model {
  const net = new Net(seed);
  ARCHITECTURES[kind](net);
  // As it comes out of a file.
  return decodeModel(encodeModel(net.model()));
}

const BARE = { domain: '', overload: '', docString: '', metadata: {} } as const;

class Net {
  private readonly stream;
  private readonly nodes: Node[] = [];
  private readonly weights: Initializer[] = [];
  private readonly inputs: ValueInfo[] = [];
  private readonly outputs: ValueInfo[] = [];
  private readonly functions: LocalFunction[] = [];

  constructor(seed: number) {
    this.stream = random(seed, 'architecture');
  }

  /** An integer from low to high, both included. */
  pick(low: number, high: number): number {
    return low + Math.floor(this.stream.uniform() * (high - low + 1));
  }

  private uniform(): number {
    return this.stream.uniform() * 2 - 1;
  }

  input(name: string, dtype: DType, shape: readonly number[]): string {
    this.inputs.push({ name, type: { kind: 'tensor', dtype, shape }, docString: '', metadata: {} });
    return name;
  }

  output(name: string, dtype: DType = 'float32'): void {
    this.outputs.push({ name, type: { kind: 'tensor', dtype, shape: null }, docString: '', metadata: {} });
  }

  weight(
    shape: readonly number[],
    scale: number,
    dtype: 'float32' | 'float16' | 'int8' = 'float32',
    offset = 0,
  ): string {
    const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => offset + scale * this.uniform());
    return this.constant(tensorOf(dtype, shape, values));
  }

  constant(value: Tensor): string {
    const name = `w${this.weights.length}`;
    this.weights.push(initializer(name, value));
    return name;
  }

  add(
    opType: string,
    inputs: readonly string[],
    attributes: readonly Attribute[] = [],
    outputs = 1,
    domain = '',
  ): string {
    const name = `${opType.toLowerCase()}_${this.nodes.length}`;
    const made = Array.from({ length: outputs }, (_, index) => `${name}/out${index}`);
    this.nodes.push({ ...BARE, domain, name, opType, inputs, outputs: made, attributes });
    return made[0] ?? '';
  }

  define(one: Omit<LocalFunction, 'overload' | 'docString' | 'metadata' | 'valueInfo' | 'opsets'>): void {
    this.functions.push({ ...one, overload: '', docString: '', metadata: {}, valueInfo: [], opsets: { '': 17 } });
  }

  model(): Model {
    const base = recipeModel('mnist-mlp');
    const domains = Object.fromEntries(this.functions.map(({ domain }) => [domain, 1]));
    return {
      ...base,
      opsets: { '': 17, ...domains },
      functions: this.functions,
      graph: {
        ...base.graph,
        inputs: this.inputs,
        outputs: this.outputs,
        initializers: this.weights,
        nodes: this.nodes,
        valueInfo: [],
      },
    };
  }
}

function tensorOf(dtype: 'float32' | 'float16' | 'int8', shape: readonly number[], values: readonly number[]): Tensor {
  if (dtype === 'float32') return { dtype, shape, data: Float32Array.from(values) };
  if (dtype === 'float16') return { dtype, shape, data: Uint16Array.from(values, numberToFloat16) };
  return { dtype, shape, data: Int8Array.from(values, (value) => Math.round(value)) };
}

const int = (name: string, value: number): Attribute => ({ name, kind: 'int', value: BigInt(value) });
const ints = (name: string, values: readonly number[]): Attribute => ({
  name,
  kind: 'ints',
  value: values.map(BigInt),
});
const float = (name: string, value: number): Attribute => ({ name, kind: 'float', value });
const reference = (name: string): Attribute => ({ name, kind: 'reference', refName: name, type: 'float' });
const scalar = (value: number): Tensor => ({ dtype: 'float32', shape: [], data: Float32Array.of(value) });
const shapeOf = (...extents: number[]): Tensor => ({
  dtype: 'int64',
  shape: [extents.length],
  data: BigInt64Array.from(extents, BigInt),
});

function dense(net: Net, x: string, from: number, to: number): string {
  return net.add('Add', [net.add('MatMul', [x, net.weight([from, to], 2 / Math.sqrt(from))]), net.weight([to], 0.3)]);
}

/** Greater and Where, as thresholds are written; θ differs from layer to layer. */
function fire(net: Net, x: string): string {
  const mask = net.add('Greater', [x, net.constant(scalar(0.1 + net.pick(0, 9) / 50))]);
  return net.add('Where', [mask, x, net.constant(scalar(0))]);
}

function mlp(net: Net): void {
  let width = net.pick(5, 12);
  let x = net.input('x', 'float32', [net.pick(4, 16), width]);
  for (let layer = net.pick(7, 10); layer > 0; layer -= 1) {
    const next = net.pick(6, 16);
    x = fire(net, dense(net, x, width, next));
    width = next;
  }
  net.output(net.add('Softmax', [dense(net, x, width, 4)], [int('axis', -1)]));
}

function cnn(net: Net): void {
  let channels = net.pick(1, 3);
  let x = net.input('image', 'float32', [net.pick(1, 3), channels, 9, net.pick(8, 11)]);
  for (let layer = net.pick(7, 8); layer > 0; layer -= 1) {
    const next = net.pick(2, 6);
    const kernel = net.weight([next, channels, 3, 3], 1 / Math.sqrt(channels));
    x = net.add('Conv', [x, kernel, net.weight([next], 0.2)], [ints('pads', [1, 1, 1, 1])]);
    const moments = [net.weight([next], 0.3, 'float32', 1), net.weight([next], 0.3), net.weight([next], 0.2)];
    x = net.add('BatchNormalization', [x, ...moments, net.weight([next], 0.3, 'float32', 1)], [float('epsilon', 1e-5)]);
    x = net.add(['Relu', 'Sigmoid', 'LeakyRelu'][net.pick(0, 2)] ?? 'Relu', [x]);
    channels = next;
  }
  net.output(net.add('GlobalAveragePool', [x]));
}

function residual(net: Net): void {
  const width = net.pick(6, 12);
  let x = net.input('x', 'float32', [2, net.pick(3, 5), width]);
  for (let block = net.pick(3, 5); block > 0; block -= 1) {
    const scale = net.weight([width], 0.3, 'float32', 1);
    const normal = net.add('LayerNormalization', [x, scale, net.weight([width], 0.2)], [int('axis', -1)]);
    const inner = net.add('Tanh', [dense(net, normal, width, 2 * width)]);
    x = net.add('Add', [x, dense(net, inner, 2 * width, width)]);
  }
  net.output(x);
}

function attention(net: Net): void {
  const width = net.pick(4, 8);
  let x = net.input('tokens', 'float32', [1, net.pick(3, 7), width]);
  for (let layer = net.pick(2, 3); layer > 0; layer -= 1) {
    const [query = '', key = '', value = ''] = [0, 1, 2].map(() => dense(net, x, width, width));
    const turned = net.add('Transpose', [key], [ints('perm', [0, 2, 1])]);
    const scores = net.add('Div', [net.add('MatMul', [query, turned]), net.constant(scalar(Math.sqrt(width)))]);
    const mixed = net.add('MatMul', [net.add('Softmax', [scores], [int('axis', -1)]), value]);
    x = net.add('Add', [x, dense(net, mixed, width, width)]);
  }
  net.output(x);
}

function lstm(net: Net): void {
  const [steps, width, hidden] = [net.pick(3, 6), net.pick(3, 5), net.pick(3, 6)];
  const x = net.input('sequence', 'float32', [steps, 1, width]);
  const gates = [net.weight([1, 4 * hidden, width], 0.8), net.weight([1, 4 * hidden, hidden], 0.8)];
  const y = net.add('LSTM', [x, ...gates, net.weight([1, 8 * hidden], 0.2)], [int('hidden_size', hidden)]);
  const flat = net.add('Reshape', [y, net.constant(shapeOf(steps, hidden))]);
  net.output(net.add('Sigmoid', [dense(net, fire(net, dense(net, flat, hidden, 6)), 6, 3)]));
}

function half(net: Net): void {
  let width = net.pick(5, 8);
  let x = net.add('Cast', [net.input('x', 'float32', [3, width])], [int('to', 10)]);
  for (let layer = net.pick(7, 8); layer > 0; layer -= 1) {
    const next = net.pick(5, 9);
    const product = net.add('MatMul', [x, net.weight([width, next], 1.5 / Math.sqrt(width), 'float16')]);
    x = net.add('Relu', [net.add('Add', [product, net.weight([next], 0.5, 'float16', 0.3)])]);
    width = next;
  }
  net.output(net.add('Cast', [x], [int('to', 1)]));
}

function functions(net: Net): void {
  const node = (name: string, opType: string, inputs: string[], output: string, attributes: Attribute[] = []) =>
    ({ ...BARE, name, opType, inputs, outputs: [output], attributes }) as const;
  net.define({
    ...{ name: 'Layer', domain: 'example', attributeDefaults: [], attributeNames: ['alpha'] },
    ...{ inputs: ['x', 'w', 'b'], outputs: ['y'] },
    nodes: [
      node('product', 'MatMul', ['x', 'w'], 'p'),
      node('sum', 'Add', ['p', 'b'], 's'),
      node('leak', 'LeakyRelu', ['s'], 'y', [reference('alpha')]),
    ],
  });
  let width = net.pick(4, 8);
  let x = net.input('x', 'float32', [4, width]);
  for (let layer = net.pick(7, 8); layer > 0; layer -= 1) {
    const next = net.pick(4, 8);
    const weights = [net.weight([width, next], 2 / Math.sqrt(width)), net.weight([next], 0.3)];
    x = net.add('Layer', [x, ...weights], [float('alpha', 0.1)], 1, 'example');
    width = next;
  }
  net.output(net.add('Tanh', [x]));
}

function quantized(net: Net): void {
  let width = net.pick(5, 8);
  let x = net.input('x', 'float32', [3, width]);
  const zero = net.constant({ dtype: 'int8', shape: [], data: Int8Array.of(0) });
  for (let layer = net.pick(7, 8); layer > 0; layer -= 1) {
    const next = net.pick(5, 8);
    const step = net.constant(scalar(0.02 + net.pick(0, 9) / 500));
    const steps = net.add('QuantizeLinear', [x, step, zero]);
    const kernel = [net.weight([width, next], 100, 'int8'), net.constant(scalar(0.01)), zero];
    const product = net.add('MatMul', [
      net.add('DequantizeLinear', [steps, step, zero]),
      net.add('DequantizeLinear', kernel),
    ]);
    x = net.add('Relu', [net.add('Add', [product, net.weight([next], 0.5, 'float32', 0.3)])]);
    width = next;
  }
  net.output(x);
}
