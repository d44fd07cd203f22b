/** Multidirectional broadcasting (ONNX's Broadcasting document, after NumPy): shapes aligned at their last axis. */
import type { Dim, Shape } from '../model/model.js';
import { formatShape, type RuleContext } from './rule.js';

/** The common shape; null where a rank is unknown. Fails where two extents differ and neither is 1. */
export function broadcastShapes(context: RuleContext, shapes: readonly Shape[]): Shape {
  if (!shapes.every((shape) => shape !== null)) return null;
  const known: readonly (readonly Dim[])[] = shapes;
  // Most often one shape is that of all, the others are scalars: it is the answer, and need not be made again.
  const largest = known.reduce((a, b) => (b.length > a.length ? b : a), []);
  if (known.every((shape) => shape.length === 0 || isSame(shape, largest)) && !largest.includes(null)) return largest;
  const rank = largest.length;
  return Array.from({ length: rank }, (_, axis) => {
    const dims = known.map((shape) => dimAt(shape, axis - rank));
    const dim = dims.reduce<Dim | undefined>(broadcastDims, 1);
    if (dim !== undefined) return dim;
    return context.fail(
      `${known.map(formatShape).join(' and ')} do not broadcast: ${dims.join(' and ')} on axis ${axis - rank}`,
    );
  });
}

function isSame(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a === b || (a.length === b.length && a.every((dim, axis) => dim === b[axis]));
}

function dimAt(shape: readonly Dim[], fromEnd: number): Dim {
  const axis = shape.length + fromEnd;
  return axis < 0 ? 1 : shape[axis];
}

/** Undefined where the two contradict each other. */
function broadcastDims(a: Dim | undefined, b: Dim): Dim | undefined {
  if (a === undefined) return undefined;
  if (a === 1) return b;
  if (b === 1 || a === b) return a;
  if (typeof a === 'number' && typeof b === 'number') return undefined;
  // An extent other than 1 wins over one that is not known, which can only be 1 or the same.
  if (typeof a === 'number') return a;
  if (typeof b === 'number') return b;
  return null;
}
