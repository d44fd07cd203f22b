import { describe, expect, it } from 'vitest';
import { initializer } from '../model/initializer.js';
import { tensor } from '../tensor/index.js';
import { decodeTensor } from './decode.js';
import { encodeTensor } from './encode-tensor.js';

describe('encodeTensor', () => {
  it.each([
    tensor('float32', [2], Float32Array.of(1, -0)),
    tensor('bfloat16', [1], Uint16Array.of(0x3f80)),
    tensor('int4', [3], Uint8Array.of(0x21, 0x03)),
    tensor('string', [2], ['a', 'é']),
    tensor('int64', [], BigInt64Array.of(-(2n ** 63n))),
  ])('keeps $dtype $shape', (value) => {
    const { name, content } = decodeTensor(encodeTensor(initializer('x', value)));
    expect(name).toBe('x');
    expect(content.kind === 'inline' ? content.data() : undefined).toEqual(value);
  });
});
