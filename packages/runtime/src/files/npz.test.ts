import { tensor } from '@rheobase/exporter/tensor';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { decodeNpz, encodeNpz, openNpz } from './npz.js';

/** `np.savez(f, x=np.arange(3, dtype='<f4'), **{'case0/y': np.array([1], dtype='<i4')})` of NumPy 2.4. */
const SAVEZ =
  'UEsDBC0AAAAAAAAAIQC2jIZT//////////8FABQAeC5ucHkBABAAjAAAAAAAAACMAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgzLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAAgD8AAABAUEsDBC0AAAAAAAAAIQChGBJP//////////8LABQAY2FzZTAveS5ucHkBABAAhAAAAAAAAACEAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAQAAAFBLAQItAy0AAAAAAAAAIQC2jIZTjAAAAIwAAAAFAAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLAQItAy0AAAAAAAAAIQChGBJPhAAAAIQAAAALAAAAAAAAAAAAAACAAcMAAABjYXNlMC95Lm5weVBLBQYAAAAAAgACAGwAAACEAQAAAAA=';
/** `np.savez_compressed(f, x=np.zeros(300, dtype='<f4'))`. */
const COMPRESSED =
  'UEsDBC0AAAAIAAAAIQDpOrQ0//////////8FABQAeC5ucHkBABAAMAUAAAAAAABQAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsYGBjqaOgq1CmQDLoZRMApGwSgYIgAAUEsBAi0DLQAAAAgAAAAhAOk6tDRQAAAAMAUAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsFBgAAAAABAAEAMwAAAIcAAAAAAA==';

const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const x = tensor('float32', [3], Float32Array.of(0, 1, 2));

describe('a .npz file', () => {
  it('of NumPy is read', () => {
    expect(decodeNpz(fromBase64(SAVEZ))).toEqual({ x, 'case0/y': tensor('int32', [1], Int32Array.of(1)) });
    expect(decodeNpz(fromBase64(COMPRESSED))).toEqual({ x: tensor('float32', [300], new Float32Array(300)) });
  });

  it('is written and read again, the same bytes every time', () => {
    const tensors = { x, 'a/b': tensor('string', [1], ['é']), empty: tensor('bool', [0], new Uint8Array()) };
    const file = encodeNpz(tensors);
    expect(decodeNpz(file)).toEqual(tensors);
    expect(encodeNpz(tensors)).toEqual(file);
  });

  it('names its arrays without unpacking them', () => {
    const file = zipSync({ 'x.npy': new TextEncoder().encode('damaged') });
    const archive = openNpz(file);
    expect(archive.names).toEqual(['x']);
    expect(() => archive.read('x')).toThrow('x: is no .npy file');
    expect(() => archive.read('y')).toThrow('y: is not in the archive');
  });

  it.each<[string, Uint8Array, string]>([
    ['no zip archive', new TextEncoder().encode('not a zip archive, but long enough'), 'is no .npz file'],
    ['nothing', new Uint8Array(), 'is no .npz file'],
    ['a cut archive', fromBase64(SAVEZ).subarray(0, 300), 'is no .npz file'],
    ['other files', zipSync({ 'notes.txt': Uint8Array.of(1) }), 'notes.txt: is no array'],
  ])('is refused: %s', (_name, file, text) => {
    expect(() => decodeNpz(file)).toThrow(text);
  });

  it('cannot claim more memory than its bytes can unpack to', () => {
    const file = zipSync({ 'x.npy': new Uint8Array(100) });
    const directory = file.findLastIndex((_, at) => file[at] === 0x50 && file[at + 1] === 0x4b && file[at + 2] === 1);
    new DataView(file.buffer).setUint32(directory + 24, 2 ** 31, true);
    expect(() => decodeNpz(file)).toThrow('x: cannot unpack to 2147483648 bytes');
  });

  it('names what it cannot hold', () => {
    const tensors = { half: tensor('bfloat16', [1], Uint16Array.of(1)) };
    expect(() => encodeNpz(tensors)).toThrow('half: NumPy has no bfloat16');
  });
});
