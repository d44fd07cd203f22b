/** Attribute values as a caller writes them (numbers, texts, lists, tensors) → as the representation has them. */
import { initializer } from '../model/initializer.js';
import type { AttributeValue, Graph, ValueType } from '../model/model.js';
import type { Tensor } from '../tensor/index.js';

export type AttributeInput =
  | number
  | bigint
  | boolean
  | string
  | readonly (number | bigint)[]
  | readonly string[]
  | Tensor
  | Graph
  | ValueType;

/** The value as an attribute of that kind, undefined where it cannot be one. */
export function attributeValue(given: AttributeInput, kind: AttributeValue['kind']): AttributeValue | undefined {
  switch (kind) {
    case 'float':
      return typeof given === 'number' ? { kind, value: given } : undefined;
    case 'int':
      return isInteger(given) || typeof given === 'boolean' ? { kind, value: BigInt(given) } : undefined;
    case 'string':
      return typeof given === 'string' ? { kind, value: encode(given) } : undefined;
    case 'floats':
      return isListOf(given, isNumber) ? { kind, value: given } : undefined;
    case 'ints':
      return isListOf(given, isInteger) ? { kind, value: given.map(BigInt) } : undefined;
    case 'strings':
      return isListOf(given, isString) ? { kind, value: given.map(encode) } : undefined;
    case 'tensor':
      return isObject(given) && 'dtype' in given && 'data' in given
        ? { kind, value: initializer('', given) }
        : undefined;
    case 'graph':
      return isObject(given) && 'nodes' in given ? { kind, value: given } : undefined;
    case 'type':
      return isObject(given) && 'kind' in given ? { kind, value: given } : undefined;
    default:
      return undefined;
  }
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
const isString = (value: unknown): value is string => typeof value === 'string';

function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

function isListOf<T>(
  given: AttributeInput,
  isItem: (item: unknown) => item is T,
): given is AttributeInput & readonly T[] {
  return Array.isArray(given) && given.every(isItem);
}

function isObject(given: AttributeInput): given is Tensor | Graph | ValueType {
  return typeof given === 'object' && !Array.isArray(given);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
