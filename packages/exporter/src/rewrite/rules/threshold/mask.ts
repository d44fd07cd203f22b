/** The mask of a threshold activation: x compared with θ, possibly negated. Captures x, theta and mask. */
import { any, either, op, type Pattern } from '../../pattern.js';

const COMPARISONS = ['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'];
const x = any('x');
const theta = any('theta');

/** A boolean value that says which neurons fire. θ may be a constant, a graph input or computed. */
export const mask: Pattern = either(
  op(COMPARISONS, [x, theta], { as: 'mask' }),
  op('Not', [op(COMPARISONS, [x, theta])], { as: 'mask' }),
);
