/** ONNX's multidirectional broadcasting of two shapes: the shape of the result, and whence each of its elements comes. */
import { sizeOf } from '@rheobase/exporter/tensor';

export class Broadcast {
  readonly size: number;

  private constructor(
    readonly shape: readonly number[],
    private readonly firstStrides: readonly number[],
    private readonly secondStrides: readonly number[],
  ) {
    this.size = sizeOf(shape);
  }

  /** Null where the shapes do not fit. */
  static of(first: readonly number[], second: readonly number[]): Broadcast | null {
    const rank = Math.max(first.length, second.length);
    const shape: number[] = [];
    for (let axis = 1; axis <= rank; axis += 1) {
      const [a, b] = [first.at(-axis) ?? 1, second.at(-axis) ?? 1];
      if (axis <= first.length && axis <= second.length && a !== b && a !== 1 && b !== 1) return null;
      shape.unshift(a === 1 ? b : a);
    }
    return new Broadcast(shape, stridesWithin(first, rank), stridesWithin(second, rank));
  }

  /** Place of the first operand's element that goes into the result's element at `flat`. */
  first(flat: number): number {
    return this.place(flat, this.firstStrides);
  }

  second(flat: number): number {
    return this.place(flat, this.secondStrides);
  }

  private place(flat: number, strides: readonly number[]): number {
    let rest = flat;
    let place = 0;
    for (let axis = this.shape.length - 1; axis >= 0; axis -= 1) {
      const extent = this.shape[axis] ?? 1;
      place += (rest % extent) * (strides[axis] ?? 0);
      rest = Math.floor(rest / extent);
    }
    return place;
  }
}

/** Step per axis of the result; 0 along axes that are repeated. */
function stridesWithin(shape: readonly number[], rank: number): readonly number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let axis = 1; axis <= rank; axis += 1) {
    const extent = shape.at(-axis) ?? 1;
    strides.unshift(axis > shape.length || extent === 1 ? 0 : stride);
    stride *= extent;
  }
  return strides;
}
