/**
 * The part of a graph in which a layer's neurons have their places: from the products that compute them, through
 * functions of one neuron each, to the products that read them. Inside it neurons can change places, or go, as long as
 * everything moves alike: columns of the weights before, rows of the weights after, and what is told neuron by neuron
 * (biases, thresholds per channel).
 */
import { intAttribute, type Node, nodeName } from '@rheobase/exporter';
import { type Scope, shapeOf } from '../lowerings/scope.js';

export interface NeuronRegion {
  /** Values whose last axis the neurons are. */
  readonly values: ReadonlySet<string>;
  /** Inputs of nodes to exchange: constants that hold something for each neuron, along an axis. */
  readonly slots: readonly ConstantSlot[];
}

export interface ConstantSlot {
  readonly node: Node;
  readonly input: number;
  /** The axis of the constant along which the neurons lie. */
  readonly axis: number;
  /** Whether it computes the neurons (weights before them, biases), reads them (weights after), or stands between. */
  readonly role: 'computes' | 'reads' | 'between';
}

/** Functions of one neuron at a time: operators that compute element by element. */
const ELEMENTWISE: ReadonlySet<string> = new Set([
  ...[
    'Relu',
    'LeakyRelu',
    'PRelu',
    'ThresholdedRelu',
    'Shrink',
    'Elu',
    'Celu',
    'Selu',
    'Gelu',
    'Sigmoid',
    'HardSigmoid',
  ],
  ...['HardSwish', 'Swish', 'Mish', 'Softplus', 'Softsign', 'Tanh', 'Erf', 'Exp', 'Sqrt', 'Abs', 'Neg', 'Sign', 'Clip'],
  ...['Cast', 'Identity', 'Not', 'And', 'Or', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Equal', 'Where'],
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min'],
]);

/** The region around a value, or why its neurons cannot be moved. */
export function neuronRegion(scope: Scope, value: string, neurons: number): NeuronRegion | string {
  const region = new Region(scope, neurons);
  region.join(value);
  return region.explore();
}

class Region {
  private readonly values = new Set<string>();
  private readonly waiting: string[] = [];
  private readonly seen = new Set<Node>();
  private readonly slots: ConstantSlot[] = [];

  constructor(
    private readonly scope: Scope,
    private readonly neurons: number,
  ) {}

  join(value: string): void {
    if (this.values.has(value)) return;
    this.values.add(value);
    this.waiting.push(value);
  }

  explore(): NeuronRegion | string {
    for (let value = this.waiting.pop(); value !== undefined; value = this.waiting.pop()) {
      if (this.scope.isOutput(value)) return `'${value}' is an output of the model`;
      const producer = this.scope.producer(value);
      if (producer === undefined) return `'${value}' is an input of the model`;
      for (const node of [producer, ...this.scope.readersOf(value)]) {
        const reason = this.seen.has(node) ? undefined : this.visit(node, value);
        if (reason !== undefined) return `${reason} (node ${nodeName(node)}, ${node.opType})`;
      }
    }
    return { values: this.values, slots: this.slots };
  }

  private visit(node: Node, value: string): string | undefined {
    if (node.domain !== '') return 'an operator of another domain';
    if (node.opType === 'MatMul' || node.opType === 'Gemm') return this.product(node, value);
    this.seen.add(node);
    return ELEMENTWISE.has(node.opType) ? this.elementwise(node) : 'it mixes neurons, or is not known not to';
  }

  /** A product that computes the neurons (their columns) or reads them (their rows). */
  private product(node: Node, value: string): string | undefined {
    const [left, weight = '', bias = ''] = node.inputs;
    if (this.scope.constant(weight)?.shape.length !== 2) return 'its weight is no constant matrix';
    if (intAttribute(node, 'transA', 0) !== 0) return 'its activations are transposed';
    const isTransposed = intAttribute(node, 'transB', 0) !== 0;
    if (left === value) {
      this.slots.push({ node, input: 1, axis: isTransposed ? 1 : 0, role: 'reads' });
      return undefined;
    }
    if (node.outputs[0] !== value) return 'it reads the neurons as weights';
    this.slots.push({ node, input: 1, axis: isTransposed ? 0 : 1, role: 'computes' });
    return bias === '' ? undefined : this.operand(node, 2, bias, 'computes');
  }

  private elementwise(node: Node): string | undefined {
    for (const output of node.outputs) if (output !== '') this.join(output);
    for (const [index, input] of node.inputs.entries()) {
      const reason = input === '' || this.values.has(input) ? undefined : this.operand(node, index, input);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** Another operand: the same for all neurons, a constant with an element for each, or a value that has them too. */
  private operand(node: Node, input: number, name: string, role: ConstantSlot['role'] = 'between'): string | undefined {
    const constant = this.scope.constant(name);
    const shape = constant?.shape ?? shapeOf(this.scope, name);
    if (shape === undefined) return `the shape of '${name}' is not known`;
    const last = shape.at(-1) ?? 1;
    if (last === 1) return undefined;
    if (last !== this.neurons)
      return `'${name}' has ${last ?? 'an unknown number of'} elements for ${this.neurons} neurons`;
    if (constant === undefined) this.join(name);
    else this.slots.push({ node, input, axis: shape.length - 1, role });
    return undefined;
  }
}
