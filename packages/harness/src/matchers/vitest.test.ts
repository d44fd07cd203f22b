import { describe, expect, it } from 'vitest';
import { floats } from '../fixtures/models.js';
import './vitest.js';

const expected = floats([2, 2], [1, 2, 3, 4]);
const close = floats([2, 2], [1, 2, 3, 4 + 2 ** -20]);
const far = floats([2, 2], [1, 2, 3.5, Number.NaN]);

function messageOf(work: () => void): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'passed';
}

describe('toAgreeWith', () => {
  it('passes within the tolerance of the element type, and .not of what is outside', () => {
    expect(close).toAgreeWith(expected);
    expect(far).not.toAgreeWith(expected);
  });

  it('takes tolerances of one’s own', () => {
    expect(far).not.toAgreeWith(expected, { atol: 1 });
    expect(floats([2, 2], [1, 2, 3.5, 4])).toAgreeWith(expected, { atol: 0.5 });
    expect(close).not.toAgreeWith(expected, { ulp: 1 });
    expect(close).toAgreeWith(expected, { ulp: 2 });
  });

  it('compares typed arrays and lists', () => {
    expect(Float32Array.of(1, 2, 3, 4)).toAgreeWith(expected);
    expect(expected).toAgreeWith([1, 2, 3, 4]);
    expect([0.1, 0.2]).not.toAgreeWith([0.1, 0.3]);
  });

  it('a failure counts, and names the worst elements with both values and their bits', () => {
    const message = messageOf(() => expect(far).toAgreeWith(expected));
    expect(message).toContain('2 of 4 elements of float32 [2,2] disagree');
    expect(message).toContain('on one side only: 1 NaN');
    expect(message).toMatch(/\[1, 0\] +expected 3 \(0x40400000\) +received 3\.5 \(0x40600000\)/);
    expect(messageOf(() => expect(close).not.toAgreeWith(expected))).toContain('expected tensors not to agree');
  });

  it('other shapes and types disagree; what is no tensor is refused', () => {
    expect(floats([4], [1, 2, 3, 4])).not.toAgreeWith(expected);
    expect(messageOf(() => expect('x').toAgreeWith(expected))).toContain('actual: is no tensor and no list of numbers');
  });
});
