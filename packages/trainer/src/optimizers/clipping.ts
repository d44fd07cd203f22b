/**
 * Clipping by global norm: a gradient longer than `limit` is shortened to it, its direction kept.
 * Source: Pascanu et al., On the difficulty of training recurrent neural networks (arXiv 1211.5063).
 */
import { op, type Value } from '@rheobase/exporter';
import { mul, total } from '../graph/arithmetic.js';
import { scalarLike, withShape } from '../graph/values.js';

/** The parts of a gradient, each times min(1, limit / ‖all parts together‖). */
export function clipByNorm(parts: readonly Value[], limit: number): Value[] {
  const squares = parts.map((part) => withShape(op.reduceSumSquare(part, { keepdims: false }), []));
  const norm = op.sqrt(total(squares));
  const ratio = op.div(scalarLike(norm, limit), op.max(norm, limit));
  return parts.map((part) => mul(part, ratio));
}
