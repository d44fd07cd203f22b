/**
 * Cross-entropy between classes. With p = softmax(z): the loss is −Σ t·log p, and its gradient with respect to the
 * logits z is p·Σt − t, which is declared here instead of being derived through the logarithm.
 *
 * Source: Goodfellow, Bengio and Courville, Deep Learning (2016), section 6.2.2.
 */
import { badInput, op, type Value } from '@rheobase/exporter';
import { customGradient } from '../gradients/index.js';
import { masked, mul, neg, sub } from '../graph/arithmetic.js';
import { gather, integers, shapeOf, unsqueeze } from '../graph/operators.js';
import { scalarLike, withShape } from '../graph/values.js';
import { logitsOf } from './logits.js';
import type { Loss } from './loss.js';

const SQUASHING = ['Softmax', 'LogSoftmax'];

/** Targets are class numbers, int64 `[batch]`. The output is softmax, log-softmax, or logits `[batch, classes]`. */
export function sparseCategoricalCrossentropy(): Loss {
  return {
    name: 'sparseCategoricalCrossentropy',
    target: (output) => ({ dtype: 'int64', shape: output.shape?.slice(0, 1) ?? null }),
    classes: (output) => {
      const classes = output.shape?.at(-1);
      return typeof classes === 'number' ? classes : undefined;
    },
    build(output, target) {
      const logits = logitsOf(output, SQUASHING);
      const logs = op.logSoftmax(logits);
      const isTarget = op.equal(unsqueeze(target, [1], [target.shape?.[0] ?? null, 1]), classNumbers(logits));
      const picked = op.reduceSum(masked(isTarget, logs), { keepdims: false });
      const loss = meanLoss(picked, logits, () => sub(op.exp(logs), op.cast(isTarget, logits.dtype)));
      return { loss, correct: countEqual(classOf(logits), target) };
    },
  };
}

/** Targets are distributions `[batch, classes]`, of the output's element type. */
export function categoricalCrossentropy(): Loss {
  return {
    name: 'categoricalCrossentropy',
    target: ({ dtype, shape }) => ({ dtype, shape }),
    build(output, target) {
      const logits = logitsOf(output, SQUASHING);
      const logs = op.logSoftmax(logits);
      const picked = op.reduceSum(mul(target, logs), { keepdims: false });
      const loss = meanLoss(picked, logits, () =>
        sub(mul(op.exp(logs), op.reduceSum(target, { axes: [1], keepdims: true })), target),
      );
      return { loss, correct: countEqual(classOf(logits), classOf(target)) };
    },
  };
}

/** −(Σ t·log p)/batch, its gradient declared: `slope` is that of the sum over the batch. */
function meanLoss(picked: Value, logits: Value, slope: () => Value): Value {
  const share = inverseBatch(logits);
  const loss = withShape(neg(mul(picked, share)), []);
  return customGradient(loss, [logits], (gradient) => [mul(slope(), mul(gradient, share))]);
}

function inverseBatch(logits: Value): Value {
  const [batch] = logits.shape ?? [];
  if (typeof batch === 'number') return scalarLike(logits, 1 / batch);
  return op.reciprocal(withShape(op.cast(gather(shapeOf(logits), 0), logits.dtype), []));
}

function classNumbers(logits: Value): Value {
  const classes = logits.shape?.at(-1);
  if (typeof classes !== 'number') throw badInput('the number of classes is not known');
  return integers(Array.from({ length: classes }, (_, index) => index));
}

function classOf(scores: Value): Value {
  const shape = scores.shape?.slice(0, 1) ?? null;
  return withShape(op.argMax(scores, { axis: 1, keepdims: false }), shape);
}

export function countEqual(a: Value, b: Value): Value {
  return withShape(op.reduceSum(op.cast(op.equal(a, b), 'float32'), { keepdims: false }), []);
}
