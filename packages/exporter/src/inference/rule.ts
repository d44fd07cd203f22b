/**
 * The contract of shape inference: one rule an operator, keyed by its type, that sees the types (and where known the
 * elements) of the inputs and the attributes, and says the shapes of the outputs. Element types follow from the
 * schema's type variables; a rule names one only where an attribute decides it.
 *
 * A rule never guesses: what does not follow is null. Where the inputs cannot go together it calls `fail`.
 */
import type { AttributeValue, Dim, Shape, ValueType } from '../model/model.js';
import { type DType, dtypeFromOnnx, type Tensor } from '../tensor/index.js';

export interface KnownValue {
  readonly type: ValueType;
  /** The elements, where they are known before running. */
  readonly constant?: Tensor | undefined;
  /**
   * What is known of the elements of a small integer scalar or vector, which may be extents: `['batch', 784]` of the
   * shape of a batch.
   */
  readonly elements?: readonly Dim[] | undefined;
}

export interface RuleContext {
  readonly opType: string;
  /** Undefined is an optional input left out. */
  readonly inputs: readonly (KnownValue | undefined)[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  readonly outputCount: number;
  /** Throws an error that names the operator and the place of the call. */
  fail(problem: string): never;
}

/** What a rule says of one output. `type` is for outputs that are no dense tensors. */
export interface InferredOutput {
  readonly shape?: Shape;
  readonly dtype?: DType | undefined;
  readonly type?: ValueType;
  /** Where the operator itself holds them. */
  readonly constant?: Tensor | undefined;
}

export type Rule = (context: RuleContext) => readonly InferredOutput[];

export function shapeOf({ inputs }: RuleContext, index: number): Shape {
  const type = inputs[index]?.type;
  return type?.kind === 'tensor' ? type.shape : null;
}

export function intAttribute<T extends number | undefined>(
  { attributes }: RuleContext,
  name: string,
  byDefault: T,
): number | T {
  const attribute = attributes.get(name);
  return attribute?.kind === 'int' ? Number(attribute.value) : byDefault;
}

export function intsAttribute({ attributes }: RuleContext, name: string): readonly number[] | undefined {
  const attribute = attributes.get(name);
  return attribute?.kind === 'ints' ? attribute.value.map(Number) : undefined;
}

export function floatAttribute({ attributes }: RuleContext, name: string, byDefault: number): number {
  const attribute = attributes.get(name);
  return attribute?.kind === 'float' ? attribute.value : byDefault;
}

export function textAttribute({ attributes }: RuleContext, name: string, byDefault: string): string {
  const attribute = attributes.get(name);
  return attribute?.kind === 'string' ? new TextDecoder().decode(attribute.value) : byDefault;
}

/** An element type given as an attribute, undefined where it is left out. */
export function dtypeAttribute(context: RuleContext, name: string): DType | undefined {
  const number = intAttribute(context, name, undefined);
  return number === undefined ? undefined : dtypeFromOnnx(number);
}

/** The element type of an input, undefined where it is left out, unknown or no tensor. */
export function dtypeOf({ inputs }: RuleContext, index: number): DType | undefined {
  const type = inputs[index]?.type;
  return type?.kind === 'tensor' ? type.dtype : undefined;
}

export function rankOf(context: RuleContext, index: number): number | undefined {
  return shapeOf(context, index)?.length;
}

/** Constants with more elements decide no shape. */
const MOST_ELEMENTS = 4096;

/** What is known of the elements of an integer scalar or vector; undefined where not even their number is. */
export function elementsOf({ inputs }: RuleContext, index: number): readonly Dim[] | undefined {
  const input = inputs[index];
  if (input?.elements !== undefined) return input.elements;
  const constant = input?.constant;
  if (constant?.dtype !== 'int64' && constant?.dtype !== 'int32') return undefined;
  if (constant.shape.length > 1 || constant.data.length > MOST_ELEMENTS) return undefined;
  return Array.from(constant.data as ArrayLike<bigint | number>, Number);
}

/** The elements of an integer input, undefined unless all of them are known numbers. */
export function constantInts(context: RuleContext, index: number): readonly number[] | undefined {
  const elements = elementsOf(context, index);
  return elements?.every((element) => typeof element === 'number') ? (elements as readonly number[]) : undefined;
}

/** A shape of `rank` unknown extents, null where the rank is not known. */
export function unknownOfRank(rank: number | undefined): Shape {
  return rank === undefined ? null : new Array<Dim>(rank).fill(null);
}

/** `[batch,784]`, `[?,3]`, `of unknown rank`. */
export function formatShape(shape: Shape): string {
  return shape === null ? 'of unknown rank' : `[${shape.map((dim) => dim ?? '?').join(',')}]`;
}

/** An axis counted from the end where negative, as an index. */
export function resolveAxis(context: RuleContext, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    context.fail(`axis ${axis} is outside a shape of rank ${rank}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Whether two dimensions may be the same: only two different numbers may not. */
export function mayEqual(a: Dim, b: Dim): boolean {
  return typeof a !== 'number' || typeof b !== 'number' || a === b;
}

/** The more certain of two dimensions that are the same. */
export function moreCertain(a: Dim, b: Dim): Dim {
  if (typeof a === 'number') return a;
  return typeof b === 'number' ? b : (a ?? b);
}
