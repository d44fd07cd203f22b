/** √(Σ(y′ − y)² / Σy²), a batch at a time. */

export class RelativeError {
  private squares = 0;
  private total = 0;

  /** Elements that are the same count as such, NaN and infinities included; where only one is finite, the error is infinite. */
  add(expected: Float32Array, actual: Float32Array): void {
    for (let element = 0; element < expected.length; element += 1) {
      const [want, got] = [expected[element] as number, actual[element] as number];
      if (!Number.isFinite(want)) {
        if (!Object.is(want, got)) this.squares = Number.POSITIVE_INFINITY;
        continue;
      }
      this.squares += Number.isFinite(got) ? (got - want) ** 2 : Number.POSITIVE_INFINITY;
      this.total += want ** 2;
    }
  }

  /** Where everything expected is 0: the absolute error. */
  get value(): number {
    return this.total === 0 ? Math.sqrt(this.squares) : Math.sqrt(this.squares / this.total);
  }
}
