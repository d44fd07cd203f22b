/**
 * Binary cross-entropy from logits z and targets t in 0 to 1: softplus(z) − z·t, the stable form of
 * −t·log σ(z) − (1 − t)·log(1 − σ(z)).
 */
import { op } from '@rheobase/exporter';
import { mul, sub } from '../graph/arithmetic.js';
import { countEqual } from './crossentropy.js';
import { logitsOf } from './logits.js';
import type { Loss } from './loss.js';

/** The output is a sigmoid or logits; targets have its shape and element type. Each element is a decision. */
export function binaryCrossentropy(): Loss {
  return {
    name: 'binaryCrossentropy',
    target: ({ dtype, shape }) => ({ dtype, shape }),
    decisions: ({ shape }) => (shape ?? []).slice(1).reduce<number>((product, dim) => product * Number(dim ?? 1), 1),
    build(output, target) {
      const logits = logitsOf(output, ['Sigmoid']);
      const each = sub(op.softplus(logits), mul(logits, target));
      const said = op.cast(op.greater(logits, 0), 'float32');
      const meant = op.cast(op.greater(target, 0.5), 'float32');
      return { loss: op.reduceMean(each, { keepdims: false }), correct: countEqual(said, meant) };
    },
  };
}
