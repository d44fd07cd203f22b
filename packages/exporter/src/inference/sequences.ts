/** Sequences and optionals: types around types. A sequence's tensors may differ in shape, so only what they share is kept. */
import type { Shape, ValueType } from '../model/model.js';
import { commonType } from './common-type.js';
import { dtypeAttribute, intAttribute, type Rule, type RuleContext, resolveAxis } from './rule.js';

const UNKNOWN: ValueType = { kind: 'unknown' };

function typeOf({ inputs }: RuleContext, index: number): ValueType {
  return inputs[index]?.type ?? UNKNOWN;
}

function elementOf(type: ValueType): ValueType {
  return type.kind === 'sequence' || type.kind === 'optional' ? type.element : UNKNOWN;
}

const sequenceOf = (element: ValueType) =>
  element.kind === 'unknown' ? {} : { type: { kind: 'sequence', element } as const };

export const sequenceConstruct: Rule = (context) => [
  sequenceOf(context.inputs.map((_, index) => typeOf(context, index)).reduce(commonType)),
];

export const sequenceEmpty: Rule = (context) => [
  sequenceOf({ kind: 'tensor', dtype: dtypeAttribute(context, 'dtype') ?? 'float32', shape: null }),
];

export const sequenceInsert: Rule = (context) => [
  sequenceOf(commonType(elementOf(typeOf(context, 0)), typeOf(context, 1))),
];

export const sequenceErase: Rule = (context) => [sequenceOf(elementOf(typeOf(context, 0)))];

export const sequenceAt: Rule = (context) => {
  const element = elementOf(typeOf(context, 0));
  return [element.kind === 'unknown' ? {} : { type: element }];
};

export const sequenceLength: Rule = () => [{ shape: [] }];

export const concatFromSequence: Rule = (context) => {
  const element = elementOf(typeOf(context, 0));
  if (element.kind !== 'tensor') return [{}];
  const { dtype, shape } = element;
  if (shape === null) return [{ dtype, shape: null }];
  const isNew = intAttribute(context, 'new_axis', 0) !== 0;
  const axis = resolveAxis(context, intAttribute(context, 'axis', 0), shape.length + (isNew ? 1 : 0));
  const joined: Shape = isNew
    ? [...shape.slice(0, axis), null, ...shape.slice(axis)]
    : shape.map((dim, at) => (at === axis ? null : dim));
  return [{ dtype, shape: joined }];
};

/** Parts along an axis; without sizes, one an element, its axis kept or not. */
export const splitToSequence: Rule = (context) => {
  const type = typeOf(context, 0);
  if (type.kind !== 'tensor') return [{}];
  const { dtype, shape } = type;
  if (shape === null) return [sequenceOf({ kind: 'tensor', dtype, shape })];
  const axis = resolveAxis(context, intAttribute(context, 'axis', 0), shape.length);
  const isWhole = context.inputs[1] === undefined;
  const drops = isWhole && intAttribute(context, 'keepdims', 1) === 0;
  const part = drops
    ? shape.filter((_, at) => at !== axis)
    : shape.map((dim, at) => (at === axis ? (isWhole ? 1 : null) : dim));
  return [sequenceOf({ kind: 'tensor', dtype, shape: part })];
};

export const optional: Rule = (context) => {
  const attribute = context.attributes.get('type');
  const element = attribute?.kind === 'type' ? attribute.value : typeOf(context, 0);
  return [element.kind === 'unknown' ? {} : { type: { kind: 'optional', element } }];
};

/** From opset 18 a value that is no optional is its own element. */
export const optionalGetElement: Rule = (context) => {
  const type = typeOf(context, 0);
  const element = type.kind === 'optional' ? type.element : type;
  return [element.kind === 'unknown' ? {} : { type: element }];
};

export const optionalHasElement: Rule = () => [{ shape: [] }];

/** Identity: whatever it is. */
export const identity: Rule = (context) => {
  const type = typeOf(context, 0);
  return [type.kind === 'unknown' ? {} : { type }];
};
