import { readFileSync } from 'node:fs';
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
    const nothing = 'actual: is no tensor and no list of numbers';
    expect(messageOf(() => expect(null).toAgreeWith(expected))).toContain(nothing);
    expect(messageOf(() => expect(() => 7).toAgreeWith(expected))).toContain(nothing);
    expect(messageOf(() => expect('x').toAgreeWith(expected))).toContain('actual: "x" is no float32');
  });

  it('compares outputs by name and lists of tensors, and tells of each that disagrees', () => {
    const outputs = { logits: expected, state: { h: floats([2], [1, 2]), c: [floats([1], [5])] } };
    expect(outputs).toAgreeWith({ logits: [1, 2, 3, 4], state: { h: [1, 2], c: [[5]] } });
    const other = { logits: far, state: { h: floats([2], [1, 2]), c: [floats([1], [6])] } };
    expect(other).not.toAgreeWith(outputs);
    const message = messageOf(() => expect(other).toAgreeWith(outputs));
    expect(message).toMatch(/^expected tensors to agree: logits: 2 of 4 elements of float32 \[2,2\] disagree/);
    expect(message).toContain('\nstate.c[0]: 1 of 1 elements of float32 [1] disagree');
    expect(message).not.toContain('state.h');
  });

  it('an output too many and one too few are told', () => {
    const message = messageOf(() => expect({ a: expected, b: expected }).toAgreeWith({ a: expected, c: expected }));
    expect(message).toContain('c: expected, and not there');
    expect(message).toContain('b: not expected');
  });

  it('takes tolerances for an element type and for an output', () => {
    const [near, exact] = [
      { y: floats([1], [1.01]), n: Int32Array.of(3) },
      { y: floats([1], [1]), n: Int32Array.of(4) },
    ];
    expect(near).not.toAgreeWith(exact, { atol: 0.1 });
    expect(near).toAgreeWith(exact, { dtypes: { float32: { atol: 0.1 }, int32: { atol: 1 } } });
    expect(near).toAgreeWith(exact, { outputs: { y: { atol: 0.1 }, n: { atol: 1 } } });
    expect(near).not.toAgreeWith(exact, { atol: 1, outputs: { y: { ulp: 0 } } });
  });

  it('takes every typed array, nested lists, numbers, booleans and strings', () => {
    for (const Constructor of [Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float64Array]) {
      expect(Constructor.of(1, 2)).toAgreeWith([1, 2]);
      expect(Constructor.of(1, 2)).not.toAgreeWith([1, 3]);
    }
    expect(BigInt64Array.of(1n, 2n)).toAgreeWith([1, 2]);
    expect(BigUint64Array.of(2n ** 63n)).not.toAgreeWith([1n]);
    expect(expected).toAgreeWith([
      [1, 2],
      [3, 4],
    ]);
    expect(expected).not.toAgreeWith([[1, 2, 3, 4]]);
    expect({ dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) }).toAgreeWith([true, false]);
    expect({ dtype: 'string', shape: [1], data: ['seven'] }).toAgreeWith(['seven']);
    expect({ dtype: 'string', shape: [1], data: ['seven'] }).not.toAgreeWith(['nine']);
    expect({ dtype: 'float32', shape: [], data: Float32Array.of(0.5) }).toAgreeWith(0.5);
    expect({ dtype: 'float16', shape: [1], data: Uint16Array.of(0x3c00) }).toAgreeWith(Uint16Array.of(0x3c00));
  });

  it('refuses ragged lists, lists of bits, and numbers that a type does not hold, by name', () => {
    expect(messageOf(() => expect(Int8Array.of(1)).toAgreeWith([1.5]))).toContain('expected: 1.5 is no int8');
    expect(messageOf(() => expect(Uint8Array.of(1)).toAgreeWith([257]))).toContain('257 is out of the range of uint8');
    expect(messageOf(() => expect(expected).toAgreeWith([[1, 2], [3]]))).toContain('expected: is a ragged list');
    const half = { dtype: 'float16', shape: [1], data: Uint16Array.of(0x3c00) };
    expect(messageOf(() => expect({ y: half }).toAgreeWith({ y: [1] }))).toContain(
      'expected y: a list cannot stand for float16',
    );
  });
});

describe('the example of the README', () => {
  it('runs as it stands there', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const example = /```ts\nimport '@rheobase\/harness\/vitest';\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    expect(example).toContain('toAgreeWith');
    const run = new Function('expect', 'outputs', example);
    run(expect, {
      probabilities: floats([1, 3], [0.1, 0.2, 0.7]),
      label: { dtype: 'int64', shape: [1], data: BigInt64Array.of(2n) },
    });
  });
});
