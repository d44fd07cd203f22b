/**
 * The contract of shape inference: one rule an operator, keyed by its type, that sees the types (and where known the
 * elements) of the inputs and the attributes, and says the shapes of the outputs. Element types follow from the
 * schema's type variables; a rule names one only where an attribute decides it.
 *
 * A rule never guesses: what does not follow is null. Where the inputs cannot go together it calls `fail`.
 */
import type { AttributeValue, Dim, Shape, ValueType } from '../model/model.js';
import type { DType, Tensor } from '../tensor/index.js';

export interface KnownValue {
  readonly type: ValueType;
  /** The elements, where they are known before running. */
  readonly constant?: Tensor | undefined;
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

/** The elements of a constant integer input, undefined where they are not known. */
export function constantInts({ inputs }: RuleContext, index: number): readonly number[] | undefined {
  const constant = inputs[index]?.constant;
  if (constant?.dtype !== 'int64' && constant?.dtype !== 'int32') return undefined;
  return Array.from(constant.data as ArrayLike<bigint | number>, Number);
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
