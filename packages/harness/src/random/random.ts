/**
 * Seeded random numbers, the same on every machine: xoshiro128** (Blackman and Vigna, "Scrambled Linear Pseudorandom
 * Number Generators", 2021), its state filled by splitmix32. Named streams of one seed are independent: the values of
 * one input do not move when another input, or another case, is added.
 */
export class Random {
  private readonly state: Uint32Array;
  private spare: number | null = null;

  /** A stream of `seed`, told apart from its other streams by `names`. */
  constructor(seed: number, ...names: readonly (string | number)[]) {
    this.state = splitMix32(hash([seed, ...names].join('\0')), 4);
  }

  /** A whole number from 0 to 2^32 − 1. */
  uint32(): number {
    const s = this.state;
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const carried = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= carried;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  /** Uniform in [0, 1), with 53 random bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 2 ** 26 + (this.uint32() >>> 6)) / 2 ** 53;
  }

  /** A whole number in [low, high). */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low));
  }

  /** Standard normal (Box and Muller, 1958). */
  normal(): number {
    if (this.spare !== null) {
      const value = this.spare;
      this.spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** The items in random order (Fisher and Yates), the given array left as it is. */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i -= 1) {
      const j = this.integer(0, i + 1);
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }
}

/** FNV-1a over UTF-16 code units: spreads names over seeds, nothing more is asked of it. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

function splitMix32(seed: number, count: number): Uint32Array {
  let state = seed | 0;
  return Uint32Array.from({ length: count }, () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  });
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
