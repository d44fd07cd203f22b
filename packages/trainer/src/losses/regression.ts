/** Losses of a regression: means over all elements. */
import { op } from '@rheobase/exporter';
import { square, sub } from '../graph/arithmetic.js';
import type { Loss } from './loss.js';

/** mean (output − target)². */
export function meanSquaredError(): Loss {
  return {
    name: 'meanSquaredError',
    target: ({ dtype, shape }) => ({ dtype, shape }),
    build: (output, target) => ({ loss: op.reduceMean(square(sub(output, target)), { keepdims: false }) }),
  };
}

/** mean |output − target|. */
export function meanAbsoluteError(): Loss {
  return {
    name: 'meanAbsoluteError',
    target: ({ dtype, shape }) => ({ dtype, shape }),
    build: (output, target) => ({ loss: op.reduceMean(op.abs(sub(output, target)), { keepdims: false }) }),
  };
}
