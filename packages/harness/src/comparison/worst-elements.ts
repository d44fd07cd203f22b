/** The elements that disagree most, kept while a comparison goes along: a short list, the worst first. */
import { elementIndex } from './element-index.js';

export type MismatchKind = 'NaN' | 'infinity' | 'distance' | 'denormal' | 'signed zero';

export interface WorstElement {
  /** One index per axis; `[]` in a scalar. */
  readonly index: readonly number[];
  readonly kind: MismatchKind;
  /** Decimal text, so that NaN, infinities, −0 and 64-bit integers survive JSON. */
  readonly actual: string;
  readonly expected: string;
  /** Bits of floating-point elements, null for other types. */
  readonly actualHex: string | null;
  readonly expectedHex: string | null;
  readonly abs: number | null;
  readonly ulp: number | null;
}

/** What a list of worst elements needs to know of a tensor. */
export interface ElementTexts {
  text(index: number): string;
  hex(index: number): string | null;
}

interface NumberElements {
  readonly numbers: ArrayLike<number>;
  hex(index: number): string;
}

interface Candidate {
  readonly flat: number;
  readonly kind: MismatchKind;
  readonly abs: number | null;
  readonly ulp: number | null;
}

/** A class without distance is worse than any distance. */
const SEVERITY: Readonly<Record<MismatchKind, number>> = {
  NaN: 4,
  infinity: 3,
  distance: 2,
  denormal: 1,
  'signed zero': 0,
};

export class WorstElements {
  private readonly candidates: Candidate[] = [];

  constructor(
    private readonly limit: number,
    private readonly shape: readonly number[],
    private readonly actual: ElementTexts | NumberElements,
    private readonly expected: ElementTexts | NumberElements,
  ) {}

  add(flat: number, kind: MismatchKind, abs: number | null, ulp: number | null): void {
    const candidate = { flat, kind, abs, ulp };
    const last = this.candidates.at(-1);
    const full = this.candidates.length >= this.limit;
    if (this.limit === 0 || (full && last !== undefined && !isWorse(candidate, last))) return;
    const place = this.candidates.findIndex((other) => isWorse(candidate, other));
    this.candidates.splice(place < 0 ? this.candidates.length : place, 0, candidate);
    if (this.candidates.length > this.limit) this.candidates.pop();
  }

  list(): readonly WorstElement[] {
    return this.candidates.map(({ flat, kind, abs, ulp }) => ({
      index: elementIndex(flat, this.shape),
      kind,
      actual: textOf(this.actual, flat),
      expected: textOf(this.expected, flat),
      actualHex: this.actual.hex(flat),
      expectedHex: this.expected.hex(flat),
      abs: abs === null ? null : Math.min(abs, Number.MAX_VALUE),
      ulp,
    }));
  }
}

function isWorse(a: Candidate, b: Candidate): boolean {
  if (a.kind !== b.kind) return SEVERITY[a.kind] > SEVERITY[b.kind];
  return (a.abs ?? 0) > (b.abs ?? 0);
}

function textOf(elements: ElementTexts | NumberElements, flat: number): string {
  if ('text' in elements) return elements.text(flat);
  const value = elements.numbers[flat];
  return Object.is(value, -0) ? '-0' : String(value);
}
