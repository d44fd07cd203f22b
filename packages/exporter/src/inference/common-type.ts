/** What is true of both of two types: the type of a value that is one or the other (a branch of If, a tensor of a sequence). */
import type { ValueType } from '../model/model.js';

export function commonType(a: ValueType, b: ValueType): ValueType {
  if (a.kind === 'tensor' && b.kind === 'tensor') {
    if (a.dtype !== b.dtype) return { kind: 'unknown' };
    const [left, right] = [a.shape, b.shape];
    if (left === null || right === null || left.length !== right.length) return { ...a, shape: null };
    return { ...a, shape: left.map((dim, index) => (dim === right[index] ? dim : null)) };
  }
  if ((a.kind === 'sequence' && b.kind === 'sequence') || (a.kind === 'optional' && b.kind === 'optional')) {
    const element = commonType(a.element, b.element);
    return element.kind === 'unknown' ? element : { ...a, element };
  }
  return { kind: 'unknown' };
}
