/**
 * How the differences of the elements of two tensors are spread: counted by decades of the absolute difference, and by
 * powers of two of the distance in ULP. One outlier among a million equal elements, and a million small differences,
 * have the same largest difference, and quite different causes.
 */

export interface ErrorHistogram {
  /** Pairs that are equal, and so in no bin. */
  readonly equal: number;
  /** Bins by |actual − expected|, ascending, those without a pair left out: [1e-7, 1e-6), … */
  readonly abs: readonly HistogramBin[];
  /** Bins by distance in ULP: [1, 2), [2, 4), [4, 8), … */
  readonly ulp: readonly HistogramBin[];
}

/** `low` ≤ value < `high`. */
export interface HistogramBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** Smallest and largest decades of doubles. */
const [FIRST_DECADE, LAST_DECADE] = [-324, 308];
/** Ordinals of 64-bit formats go up to 2^64. */
const ULP_BINS = 66;

/** Largest power of ten not above the smallest double of a binary exponent (biased, as IEEE 754 stores it). */
const DECADE_OF_EXPONENT = Int16Array.from({ length: 2047 }, (_, exponent) =>
  Math.max(FIRST_DECADE, Math.floor(Math.log10(2) * (exponent - 1023))),
);

export class HistogramBuilder {
  private readonly abs = new Uint32Array(LAST_DECADE - FIRST_DECADE + 1);
  private readonly ulp = new Uint32Array(ULP_BINS);
  private different = 0;
  private readonly number = new Float64Array(1);
  private readonly words = new Uint32Array(this.number.buffer);

  /** A pair of finite elements that differ. */
  add(difference: number, ulp: number): void {
    this.different += 1;
    this.abs[this.decadeOf(difference) - FIRST_DECADE] += 1;
    this.ulp[ulp < 2 ** 31 ? 31 - Math.clz32(Math.max(1, ulp)) : Math.min(ULP_BINS - 1, Math.floor(Math.log2(ulp)))] +=
      1;
  }

  /** `pairs`: how many pairs of elements have a distance, the equal ones too. */
  result(pairs: number): ErrorHistogram {
    return {
      equal: Math.max(0, pairs - this.different),
      abs: bins(this.abs, (place) => powerOfTen(place + FIRST_DECADE)),
      ulp: bins(this.ulp, (place) => 2 ** place),
    };
  }

  /** A logarithm per element would take longer than all the rest; the exponent is there already. */
  private decadeOf(difference: number): number {
    this.number[0] = difference;
    const exponent = this.words[1] >>> 20;
    if (exponent >= 2047) return LAST_DECADE;
    if (exponent === 0) return Math.max(FIRST_DECADE, Math.floor(Math.log10(difference)));
    const decade = DECADE_OF_EXPONENT[exponent];
    return difference >= powerOfTen(decade + 1) ? decade + 1 : decade;
  }
}

/** As decimal literals give them: 10 ** n may be one ULP beside. */
const POWERS = Float64Array.from({ length: LAST_DECADE - FIRST_DECADE + 2 }, (_, place) =>
  Number(`1e${place + FIRST_DECADE}`),
);

function powerOfTen(decade: number): number {
  return POWERS[decade - FIRST_DECADE];
}

function bins(counts: Uint32Array, edge: (place: number) => number): readonly HistogramBin[] {
  return Array.from(counts).flatMap((count, place) =>
    count === 0 ? [] : [{ low: edge(place), high: Math.min(edge(place + 1), Number.MAX_VALUE), count }],
  );
}
