/**
 * Random numbers that are the same on every machine and engine: xoshiro128** (Blackman and Vigna, "Scrambled linear
 * pseudorandom number generators", 2018), its state filled by splitmix32 (the 32-bit finaliser of MurmurHash3 over a
 * Weyl sequence). All arithmetic is on 32-bit integers, which JavaScript has exactly.
 */

/** A stream of random numbers. */
export interface Random {
  /** The next 32 random bits as an unsigned integer. */
  uint32(): number;
  /** Uniform in [0, 1), a multiple of 2⁻²⁴: exact as a float32. */
  uniform(): number;
}

/**
 * The stream of a seed. A name gives each purpose a stream of its own, so that what is drawn for one (a layer's
 * weights) does not change when another is added before it.
 */
export function random(seed: number, name = ''): Random {
  const next = splitmix32((seed ^ fnv1a(name)) >>> 0);
  let [a, b, c, d] = [next(), next(), next(), next()];
  const uint32 = () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
  return { uint32, uniform: () => (uint32() >>> 8) * 2 ** -24 };
}

function splitmix32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
}

/** FNV-1a, 32 bits, over the UTF-16 units of a name. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return text === '' ? 0 : hash >>> 0;
}

function rotateLeft(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
