/**
 * What the compiler refuses. `npm run typecheck` checks this file: a
 * line that should not compile and does is an unused @ts-expect-error. Run, it shows that the call refuses it as well.
 */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { constant, input, type Value } from '../builder/index.js';
import { tensor } from '../tensor/index.js';
import * as op from './index.js';

const f = input('f', 'float32', [2, 3]);
const d = input('d', 'float64', [2, 3]);
const i = input('i', 'int64', [2, 3]);
const mask = input('m', 'bool', [2, 3]);
const text = input('t', 'string', [2, 3]);
/** A value of which the program does not know the element type while it is compiled. */
const any: Value = f;

describe('element types', () => {
  it('follow the schema', () => {
    expectTypeOf(op.add(f, f)).toEqualTypeOf<Value<'float32'>>();
    expectTypeOf(op.greater(f, 0)).toEqualTypeOf<Value<'bool'>>();
    expectTypeOf(op.where(mask, 0, i)).toEqualTypeOf<Value<'int64'>>();
    expectTypeOf(op.sub(1, f)).toEqualTypeOf<Value<'float32'>>();
    expectTypeOf(op.cast(f, 'float16')).toEqualTypeOf<Value<'float16'>>();
    expectTypeOf(op.shape(f)).toEqualTypeOf<Value<'int64'>>();
    expectTypeOf(op.topK(f, 1)).toEqualTypeOf<{
      readonly values: Value<'float32'>;
      readonly indices: Value<'int64'>;
    }>();
    expectTypeOf(op.split(f, { numOutputs: 2 })).toEqualTypeOf<Value<'float32'>[]>();
    expectTypeOf(op.constantOfShape([2])).toEqualTypeOf<Value<'float32'>>();
    expectTypeOf(op.constantOfShape([2], { value: tensor('int8', [1], Int8Array.of(1)) })).toEqualTypeOf<
      Value<'int8'>
    >();
    expectTypeOf(op.randomNormal({ shape: [2] })).toEqualTypeOf<Value<'float32'>>();
    expectTypeOf(op.randomNormal({ shape: [2], dtype: 'float64' })).toEqualTypeOf<Value<'float64'>>();
    expectTypeOf(op.sequenceConstruct(f, f)).toEqualTypeOf<Value<'seq(float32)'>>();
    expectTypeOf(op.sequenceAt(op.sequenceConstruct(f), 0)).toEqualTypeOf<Value<'float32'>>();
    expectTypeOf(op.optional(f)).toEqualTypeOf<Value<'optional(float32)'>>();
    expectTypeOf(op.optionalGetElement(op.optional(f))).toEqualTypeOf<Value<'float32'>>();
    expectTypeOf(op.add(any, any)).toEqualTypeOf<Value>();
  });

  it.each<[string, () => unknown]>([
    // @ts-expect-error float32 and int64 do not mix
    ['sum', () => op.add(f, i)],
    // @ts-expect-error float32 and float64 do not mix
    ['product', () => op.matMul(f, d)],
    // @ts-expect-error a condition is a bool
    ['condition', () => op.where(f, f, f)],
    // @ts-expect-error both branches are of one type
    ['branches', () => op.where(mask, f, i)],
    // @ts-expect-error And takes bools
    ['and', () => op.and(f, mask)],
    // @ts-expect-error indices are int32 or int64
    ['indices', () => op.gather(f, f)],
    // @ts-expect-error parts of one type
    ['concat', () => op.concat([f, i], { axis: 0 })],
    // @ts-expect-error values of one type
    ['max', () => op.max(f, 1, i)],
    // @ts-expect-error a number is no text
    ['text and number', () => op.stringConcat(text, 1)],
    // @ts-expect-error a flag is no number
    ['number and flag', () => op.add(f, 'one')],
    // @ts-expect-error a weight of another type
    ['bias', () => op.gemm(f, f, d)],
    // @ts-expect-error an optional input of another type
    ['pad', () => op.pad(f, [0, 0, 0, 0], { constantValue: i })],
    // @ts-expect-error a sequence is no tensor
    ['sequence', () => op.relu(op.sequenceConstruct(f))],
  ])('%s: mixing does not compile, and does not run', (_, call) => expect(call).toThrow());
});

describe('attributes', () => {
  it.each<[string, () => unknown]>([
    // @ts-expect-error no such attribute
    ['a name that is none', () => op.softmax(f, { axes: 1 })],
    // @ts-expect-error a number
    ['a text for a number', () => op.softmax(f, { axis: '1' })],
    // @ts-expect-error Concat has no default axis
    ['one left out that has no default', () => op.concat([f, f])],
    // @ts-expect-error element types by name
    ['an element type that is none', () => op.cast(f, 'float')],
    // @ts-expect-error a random number is a float
    ['an element type the operator does not give', () => op.randomNormal({ shape: [1], dtype: 'int64' })],
  ])('%s does not compile', (_, call) => expect(call).toBeTypeOf('function'));

  it('are what ONNX says they may be', () => {
    // @ts-expect-error neither none nor tanh
    expect(() => op.gelu(f, { approximate: 'erf' })).not.toThrow(TypeError);
    // @ts-expect-error no padding of that name
    expect(() => op.maxPool(f, { kernelShape: [1], autoPad: 'SAME' })).not.toThrow(TypeError);
  });
});

it('literals become the element type that the call decides', () => {
  const types = (value: Value<'int64'> | Value) =>
    value.source.kind === 'output' ? value.source.call.inputs.map((each) => each?.dtype) : [];
  expect(types(op.add(d, 1))).toEqual(['float64', 'float64']);
  expect(types(op.sub(1, i))).toEqual(['int64', 'int64']);
  expect(types(op.gather(f, [0, 1]))).toEqual(['float32', 'int64']);
  expect(types(op.pow(d, 2))).toEqual(['float64', 'float64']);
  expect(types(op.slice(f, [0], [1], { axes: [1] }))).toEqual(['float32', 'int64', 'int64', 'int64']);
  expect(types(op.equal(text, 'yes'))).toEqual(['string', 'string']);
  expect(types(op.oneHot(i, 3, constant([0, 1])))).toEqual(['int64', 'int64', 'float32']);
});
