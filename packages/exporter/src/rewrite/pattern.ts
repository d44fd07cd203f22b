/**
 * Patterns: what a part of a graph must look like, written as the expression it computes.
 *
 *     const x = any('x');
 *     const theta = constant('theta');
 *     const gated = op('Mul', [x, op('Cast', [op('Greater', [x, theta])])]);
 *
 * A name that appears twice stands for the same value twice. Operands of commutative operators match in either order.
 * Patterns are plain data; match.ts compares them with a graph.
 */
import type { AttributeScalar } from '../analysis/node-attributes.js';
import type { Tensor } from '../tensor/index.js';
import type { Condition } from './conditions.js';

export type Pattern = AnyPattern | ConstantPattern | OpPattern | ProductPattern | EitherPattern | OptionalPattern;

export interface AnyPattern {
  readonly kind: 'any';
  readonly name: string;
}

export interface ConstantPattern {
  readonly kind: 'constant';
  readonly name: string;
  readonly condition: Condition<Tensor> | undefined;
}

export interface OpPattern {
  readonly kind: 'op';
  readonly opTypes: readonly string[];
  readonly inputs: readonly Pattern[];
  /** Captures the node under this name. */
  readonly as: string | undefined;
  readonly attributes: Readonly<Record<string, Condition<AttributeScalar>>>;
  /** Which output of the node the pattern stands for. */
  readonly output: number;
  readonly commutative: boolean;
}

export interface ProductPattern {
  readonly kind: 'product';
  readonly factors: readonly Pattern[];
  /** On the product of all scalar constants among the factors. */
  readonly scale: Condition<number>;
  /** Captures that number under this name. */
  readonly as: string | undefined;
}

export interface EitherPattern {
  readonly kind: 'either';
  readonly options: readonly Pattern[];
}

export interface OptionalPattern {
  readonly kind: 'optional';
  readonly pattern: Pattern;
}

/** Any value at all. */
export function any(name: string): AnyPattern {
  return { kind: 'any', name };
}

/** A value that is known before running (an initializer no caller can override, a Constant node). */
export function constant(name: string, condition?: Condition<Tensor>): ConstantPattern {
  return { kind: 'constant', name, condition };
}

export interface OpOptions {
  readonly as?: string;
  readonly attributes?: Readonly<Record<string, Condition<AttributeScalar>>>;
  /** Default 0. */
  readonly output?: number;
  /** Operands in just this order, even where the operator is commutative. */
  readonly ordered?: boolean;
}

const COMMUTATIVE = new Set(['Add', 'Mul', 'Max', 'Min', 'Sum', 'And', 'Or', 'Xor', 'Equal']);

/**
 * An output of an ai.onnx operator (or of one of several) with just these inputs: one that the pattern does not list
 * must be left out, `optional(…)` may be.
 */
export function op(opType: string | readonly string[], inputs: readonly Pattern[], options: OpOptions = {}): OpPattern {
  const opTypes = typeof opType === 'string' ? [opType] : opType;
  const commutative = inputs.length === 2 && !options.ordered && opTypes.every((type) => COMMUTATIVE.has(type));
  const { as, attributes = {}, output = 0 } = options;
  return { kind: 'op', opTypes, inputs, as, attributes, output, commutative };
}

/**
 * A product, however its multiplications are ordered and nested: `x * (g * 0.5)` and `(0.5 * x) * g` both match
 * `product([x, g], near(0.5))`. Division by a scalar constant counts as multiplication by its inverse.
 */
export function product(factors: readonly Pattern[], scale: Condition<number>, as?: string): ProductPattern {
  return { kind: 'product', factors, scale, as };
}

/** The first of several forms that matches. */
export function either(...options: readonly Pattern[]): EitherPattern {
  return { kind: 'either', options };
}

/** An input that may be left out. */
export function optional(pattern: Pattern): OptionalPattern {
  return { kind: 'optional', pattern };
}

/** The operator types that the root of a pattern can have. */
export function rootTypes(pattern: Pattern): readonly string[] {
  switch (pattern.kind) {
    case 'op':
      return pattern.opTypes;
    case 'product':
      return ['Mul', 'Div'];
    case 'either':
      return [...new Set(pattern.options.flatMap(rootTypes))];
    case 'any':
    case 'constant':
    case 'optional':
      return [];
  }
}

/** A pattern as an expression: `Mul(x, Cast(Greater(x, theta)))`. */
export function describePattern(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'any':
    case 'constant':
      return pattern.name;
    case 'op':
      return `${pattern.opTypes.join('|')}(${pattern.inputs.map(describePattern).join(', ')})`;
    case 'product':
      return `${pattern.factors.map(describePattern).join(' * ')} * constants`;
    case 'either':
      return pattern.options.map(describePattern).join(' | ');
    case 'optional':
      return `${describePattern(pattern.pattern)}?`;
  }
}

/** Operators and products in a pattern, along the longest alternative. */
export function patternSize(pattern: Pattern): number {
  const sum = (patterns: readonly Pattern[]) => patterns.reduce((total, part) => total + patternSize(part), 0);
  switch (pattern.kind) {
    case 'any':
    case 'constant':
      return 0;
    case 'op':
      return 1 + sum(pattern.inputs);
    case 'product':
      return 1 + sum(pattern.factors);
    case 'either':
      return Math.max(...pattern.options.map(patternSize));
    case 'optional':
      return patternSize(pattern.pattern);
  }
}
