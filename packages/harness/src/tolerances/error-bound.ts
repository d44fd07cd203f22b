/**
 * How far a computed value may lie from the exact one, as three parts that add up, for every element v of a tensor:
 *
 *     |computed − exact| ≤ relative · |v| + scale · max |tensor| + absolute
 *
 * `relative` is the error of operations on single elements, `scale` that of sums (an element that cancels to almost
 * nothing carries an error of the size of its terms), `absolute` that of functions that are computed to a fixed number
 * of digits (tanh, erf near zero). All three are plain fractions, not ULP, since a model may mix formats.
 */
export interface ErrorBound {
  readonly relative: number;
  readonly scale: number;
  readonly absolute: number;
}

export const NO_ERROR: ErrorBound = { relative: 0, scale: 0, absolute: 0 };

/** The wider of several, part by part: for nodes that pick elements from their inputs. */
export function widest(bounds: readonly ErrorBound[]): ErrorBound {
  return {
    relative: Math.max(0, ...bounds.map(({ relative }) => relative)),
    scale: Math.max(0, ...bounds.map(({ scale }) => scale)),
    absolute: Math.max(0, ...bounds.map(({ absolute }) => absolute)),
  };
}

export function sumOf(bounds: readonly ErrorBound[]): ErrorBound {
  return {
    relative: bounds.reduce((sum, { relative }) => sum + relative, 0),
    scale: bounds.reduce((sum, { scale }) => sum + scale, 0),
    absolute: bounds.reduce((sum, { absolute }) => sum + absolute, 0),
  };
}

export function times({ relative, scale, absolute }: ErrorBound, factor: number): ErrorBound {
  return { relative: relative * factor, scale: scale * factor, absolute: absolute * factor };
}

/** Of a tensor whose elements lie around 1, the three together. */
export function total({ relative, scale, absolute }: ErrorBound): number {
  return relative + scale + absolute;
}
