/**
 * Bins for numbers whose scale is not known beforehand. The bits of a float32, exponent first, are an integer that grows
 * with its magnitude; without the last bits they number equal parts of each octave. So finding a bin takes a shift.
 *
 * Bins are ordered by value: negative ones from large to small magnitude, zero, positive ones. What is smaller than the
 * smallest part falls into it, and so does what is larger than the largest.
 */

export interface BinRange {
  /** log₂ of the parts of an octave. */
  readonly mantissaBits: number;
  /** The smallest magnitude told apart is 2 to this power, the largest 2 to the other one. */
  readonly lowestExponent: number;
  readonly highestExponent: number;
}

export class FloatBins {
  /** Bins of one sign. */
  readonly half: number;
  /** All bins, that of zero included. */
  readonly count: number;
  private readonly shift: number;
  /** What the shifted bits of the smallest part are. */
  private readonly lowest: number;

  constructor({ mantissaBits, lowestExponent, highestExponent }: BinRange) {
    this.half = (highestExponent - lowestExponent) << mantissaBits;
    this.count = 2 * this.half + 1;
    this.shift = 23 - mantissaBits;
    this.lowest = (lowestExponent + 127) << mantissaBits;
  }

  /** The bin of a number that is not NaN. */
  of(value: number): number {
    SCRATCH[0] = value;
    const bits = SCRATCH_BITS[0] ?? 0;
    const magnitude = bits & 0x7fffffff;
    if (magnitude === 0) return this.half;
    const part = Math.min(Math.max((magnitude >> this.shift) - this.lowest, 0), this.half - 1);
    return bits > 0 ? this.half + 1 + part : this.half - 1 - part;
  }

  /** The lower end of a bin; the bin of zero is from 0 to 0. */
  lower(bin: number): number {
    return bin > this.half ? this.edge(bin - this.half - 1) : -this.edge(this.half - bin);
  }

  upper(bin: number): number {
    return bin >= this.half ? this.edge(bin - this.half) : -this.edge(this.half - 1 - bin);
  }

  /** The smallest magnitude of part number `part`; part 0 reaches down to 0. */
  private edge(part: number): number {
    if (part === 0) return 0;
    SCRATCH_BITS[0] = (part + this.lowest) << this.shift;
    return SCRATCH[0] ?? 0;
  }
}

const SCRATCH = new Float32Array(1);
const SCRATCH_BITS = new Int32Array(SCRATCH.buffer);
