/** √(Σ(y′ − y)² / Σy²) of each output, a batch at a time; what counts is the output that is furthest off. */
import type { OutputBatch } from './accuracy.js';

export class RelativeError {
  /** By output: Σ(y′ − y)² and Σy². */
  private readonly squares: number[] = [];
  private readonly totals: number[] = [];

  /** One batch of every output. */
  add(expected: readonly OutputBatch[], actual: readonly OutputBatch[]): void {
    for (const [output, { values }] of expected.entries()) {
      this.addOutput(output, values, actual[output]?.values ?? values);
    }
  }

  /** Where everything expected is 0: the absolute error. */
  get value(): number {
    return Math.max(
      0,
      ...this.squares.map((squares, output) => Math.sqrt(squares / ((this.totals[output] ?? 0) || 1))),
    );
  }

  /** Elements that are the same count as such, NaN and infinities included; where only one is finite, the error is infinite. */
  private addOutput(output: number, expected: Float32Array, actual: Float32Array): void {
    let squares = 0;
    let total = 0;
    for (let element = 0; element < expected.length; element += 1) {
      const [want, got] = [expected[element] as number, actual[element] as number];
      if (!Number.isFinite(want)) {
        if (!Object.is(want, got)) squares = Number.POSITIVE_INFINITY;
        continue;
      }
      squares += Number.isFinite(got) ? (got - want) ** 2 : Number.POSITIVE_INFINITY;
      total += want ** 2;
    }
    this.squares[output] = (this.squares[output] ?? 0) + squares;
    this.totals[output] = (this.totals[output] ?? 0) + total;
  }
}
