/**
 * Conditions on what a pattern captures: true, or the reason why not, written so that it can follow a name
 * ("theta is negative").
 */
import { elementNumbers } from '../analysis/elements.js';
import type { AttributeScalar } from '../analysis/node-attributes.js';
import { type DType, sizeOf, type Tensor } from '../tensor/index.js';

/** @param dtype the element type that the value is written in. */
export type Condition<T> = (value: T, dtype?: DType) => true | string;

/** Relative error that writing a constant in an element type can make. Constants like √2 come with few digits too. */
export function precision(dtype: DType = 'float32'): number {
  if (dtype === 'float16') return 1e-3;
  return dtype === 'bfloat16' ? 1e-2 : 1e-5;
}

/** A number as near to `expected` as its element type can say. */
export function near(expected: number): Condition<number> {
  return (value, dtype) => {
    return Math.abs(value - expected) <= precision(dtype) * Math.abs(expected) || `is ${value}, not ${expected}`;
  };
}

/** Just this number. */
export function exactly(expected: number): Condition<number> {
  return (value) => Object.is(value, expected) || `is ${textOf(value)}, not ${textOf(expected)}`;
}

/** A tensor of one element that fulfils `condition`. */
export function single(condition: Condition<number> = () => true): Condition<Tensor> {
  return (tensor) => {
    if (sizeOf(tensor.shape) !== 1) return `has ${sizeOf(tensor.shape)} elements, not one`;
    const numbers = elementNumbers(tensor);
    return numbers === undefined ? `is of type ${tensor.dtype}, not a number` : condition(numbers[0], tensor.dtype);
  };
}

/** A tensor whose every element fulfils `condition`. */
export function every(condition: Condition<number>): Condition<Tensor> {
  return (tensor) => {
    const numbers = elementNumbers(tensor);
    if (numbers === undefined) return `is of type ${tensor.dtype}, not numbers`;
    for (const number of numbers) {
      const answer = condition(number, tensor.dtype);
      if (answer !== true) return answer;
    }
    return true;
  };
}

/** +0 and nothing else: −0 would give a silent neuron a sign. */
export const positiveZero: Condition<number> = exactly(0);

export const atLeastZero: Condition<number> = (value) => value >= 0 || `is ${textOf(value)}, which is below 0`;

export const belowZero: Condition<number> = (value) => value < 0 || `is ${textOf(value)}, which is not below 0`;

/** An attribute with a given value; `byDefault` is what it has when left out. */
export function attributeIs(expected: number | string, byDefault?: number | string): Condition<AttributeScalar> {
  return (value = byDefault) => {
    const matches =
      typeof expected === 'number' && typeof value === 'number' ? near(expected)(value) === true : value === expected;
    return matches || (value === undefined ? 'is left out' : `is ${String(value)}, not ${expected}`);
  };
}

function textOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
