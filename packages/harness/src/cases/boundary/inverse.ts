/**
 * Elementwise operators backwards: which numbers an operator turns into a given one. Rounding makes the answer
 * approximate, which is why its neighbours are fed too.
 */
import { floatAttribute, type Graph, type Node } from '@rheobase/exporter';
import { Broadcast } from '../../divergence/broadcast.js';
import { constantNamed, type Numbers } from './constants.js';

export interface Inverse {
  /** Name of the value that the operator changes. */
  readonly operand: string;
  /** What becomes `y` at that place of a value of that shape; empty where nothing does. */
  preimages(y: number, place: number, shape: readonly number[]): readonly number[];
}

type Unary = (y: number, alpha: number) => readonly number[];

const positive = (y: number): readonly number[] => (y > 0 ? [y] : []);

const UNARY: Readonly<Record<string, Unary>> = {
  Identity: (y) => [y],
  Cast: (y) => [y],
  Dropout: (y) => [y],
  Neg: (y) => [-y],
  Abs: (y) => (y > 0 ? [y, -y] : y === 0 ? [0] : []),
  Relu: positive,
  LeakyRelu: (y, alpha) => [y >= 0 || alpha === 0 ? y : y / alpha],
  Exp: (y) => (y > 0 ? [Math.log(y)] : []),
  Log: (y) => [Math.exp(y)],
  Sqrt: (y) => (y >= 0 ? [y * y] : []),
  Sigmoid: (y) => (y > 0 && y < 1 ? [Math.log(y / (1 - y))] : []),
  Tanh: (y) => (y > -1 && y < 1 ? [Math.atanh(y)] : []),
  Softplus: (y) => (y > 0 ? [Math.log(Math.expm1(y))] : []),
  Reciprocal: (y) => (y === 0 ? [] : [1 / y]),
};

/** With a constant c: x on the left of the operator, or on its right. */
const BINARY: Readonly<Record<string, { left(y: number, c: number): number; right(y: number, c: number): number }>> = {
  Add: { left: (y, c) => y - c, right: (y, c) => y - c },
  Sub: { left: (y, c) => y + c, right: (y, c) => c - y },
  Mul: { left: (y, c) => y / c, right: (y, c) => y / c },
  Div: { left: (y, c) => y * c, right: (y, c) => c / y },
};

/** ONNX: LeakyRelu's alpha defaults to 0.01. */
const DEFAULT_ALPHA = 0.01;

/** Undefined for operators that are not elementwise, or not known to be. */
export function inverseOf(graph: Graph, node: Node): Inverse | undefined {
  if (node.domain !== '') return undefined;
  const [first = '', second = ''] = node.inputs;
  const unary = UNARY[node.opType];
  if (unary !== undefined) {
    const alpha = floatAttribute(node, 'alpha', DEFAULT_ALPHA);
    return { operand: first, preimages: (y) => unary(y, alpha) };
  }
  const binary = BINARY[node.opType];
  if (binary === undefined) return undefined;
  const [left, right] = [constantNamed(graph, first), constantNamed(graph, second)];
  if (right !== null && left === null) return withConstant(first, right, binary.left);
  if (left !== null && right === null) return withConstant(second, left, binary.right);
  return undefined;
}

function withConstant(operand: string, constant: Numbers, solve: (y: number, c: number) => number): Inverse {
  return {
    operand,
    preimages: (y, place, shape) => {
      const c = elementAt(constant, place, shape);
      return c === null ? [] : [solve(y, c)].filter(Number.isFinite);
    },
  };
}

/** The element of a constant that meets the element at `place` of a value of that shape; null where it does not fit. */
export function elementAt({ shape, values }: Numbers, place: number, against: readonly number[]): number | null {
  if (values.length === 1) return values[0] ?? null;
  const broadcast = Broadcast.of(against, shape);
  if (broadcast === null || broadcast.shape.length !== against.length) return null;
  return values[broadcast.second(place)] ?? null;
}
