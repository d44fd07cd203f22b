/** Cast between the element types where the result is certain: the source fits, or rounding is IEEE's. */
import type { Node } from '../../model/model.js';
import { type DType, dtypeFromOnnx, sizeOf, type Tensor } from '../../tensor/index.js';
import { elementNumbers, fromNumbers } from '../elements.js';
import { scalarAttribute } from '../node-attributes.js';

const RANGES: Partial<Record<DType, readonly [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  // Beyond 2^53 a number stands for several integers.
  int64: [-(2 ** 53), 2 ** 53],
  uint64: [0, 2 ** 53],
};

export function castTensor(node: Node, [input]: readonly (Tensor | undefined)[]): Tensor | undefined {
  const to = dtypeFromOnnx(Number(scalarAttribute(node, 'to')));
  if (input === undefined || to === undefined) return undefined;
  if (to === input.dtype) return input;
  const numbers = elementNumbers(input);
  if (numbers === undefined) return undefined;
  if (to === 'bool')
    return fromNumbers(
      'bool',
      numbers.map((number) => (number === 0 ? 0 : 1)),
      input.shape,
    );
  const range = RANGES[to];
  if (range !== undefined) {
    const whole = numbers.map(Math.trunc);
    // Outside the range runtimes differ.
    if (!whole.every((number) => number >= range[0] && number <= range[1])) return undefined;
    return fromNumbers(to, whole, input.shape);
  }
  // A detour over a number would round a 64-bit integer twice; below 2^53 it is exact.
  if (!numbers.every((number) => !Number.isInteger(number) || Math.abs(number) <= 2 ** 53)) return undefined;
  if (to !== 'float32' && to !== 'float64') return undefined;
  return sizeOf(input.shape) === numbers.length ? fromNumbers(to, numbers, input.shape) : undefined;
}
