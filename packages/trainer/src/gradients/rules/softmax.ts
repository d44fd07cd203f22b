/** Softmax and LogSoftmax along an axis (opset 13 and later). */
import { op } from '@rheobase/exporter';
import { mul, sub } from '../../graph/arithmetic.js';
import { type GradientRule, rule } from '../rule.js';

/** dx = y·(g − Σ g·y). */
const softmax = rule((node, g) => {
  const y = node.output;
  const mean = op.reduceSum(mul(g, y), { axes: [node.int('axis', -1)], keepdims: true });
  return [mul(y, sub(g, mean))];
});

/** dx = g − softmax(x)·Σ g. */
const logSoftmax = rule((node, g) => {
  const sum = op.reduceSum(g, { axes: [node.int('axis', -1)], keepdims: true });
  return [sub(g, mul(op.exp(node.output), sum))];
});

export const SOFTMAX: Readonly<Record<string, GradientRule>> = { Softmax: softmax, LogSoftmax: logSoftmax };
