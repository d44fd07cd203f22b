/** Arithmetic on row-major indices. */

/** The shape that shapes broadcast to, undefined where they do not. */
export function broadcastShape(shapes: readonly (readonly number[])[]): number[] | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result: number[] = Array(rank).fill(1);
  for (const shape of shapes) {
    const offset = rank - shape.length;
    for (const [index, extent] of shape.entries()) {
      const current = result[offset + index];
      if (current === 1) result[offset + index] = extent;
      else if (extent !== 1 && extent !== current) return undefined;
    }
  }
  return result;
}

/** For each index of `to`, the index of the element of `from` (which broadcasts to it). */
export function stridesInto(from: readonly number[], to: readonly number[]): (index: number) => number {
  const offset = to.length - from.length;
  const own = stridesOf(from);
  const strides = to.map((_, axis) => (axis < offset || from[axis - offset] === 1 ? 0 : own[axis - offset]));
  return walker(to, strides);
}

/** Elements between neighbours along each axis. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = Array(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

/** Turns an index of `shape` into a sum of strides. */
export function walker(shape: readonly number[], strides: readonly number[], start = 0): (index: number) => number {
  return (index) => {
    let rest = index;
    let position = start;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis];
      position += (rest % extent) * strides[axis];
      rest = Math.floor(rest / extent);
    }
    return position;
  };
}
