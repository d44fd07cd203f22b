/**
 * ONNX's own operator for a threshold, y = x where x > alpha, else 0, and the canonical form of it, in both
 * directions. ThresholdedRelu since opset 10; ONNX operator documentation.
 */
import { elementNumbers } from '../../../analysis/elements.js';
import { float, scalarAttribute } from '../../../analysis/node-attributes.js';
import { type DType, isFloat } from '../../../tensor/index.js';
import { atLeastZero, every, positiveZero, single } from '../../conditions.js';
import type { Match } from '../../match.js';
import { any, constant, op } from '../../pattern.js';
import { rule } from '../../rule.js';

const x = any('x');

export const thresholdedReluToWhere = rule({
  name: 'thresholded-relu-to-where',
  pattern: op('ThresholdedRelu', [x], { as: 'threshold' }),
  requires: 'ThresholdedRelu with alpha >= 0 on a value whose element type is known',
  ensures: 'Where(x > alpha, x, 0)',
  bound: 'bit-equal',
  opset: 9,
  when: (match) => {
    if (floatType(match) === undefined) return `the element type of '${match.value('x')}' is not known`;
    // Below 0, −0 fires, and ONNX Runtime gives +0 for it.
    const answer = atLeastZero(alphaOf(match));
    return answer === true || `alpha ${answer}`;
  },
  replace: (match, build) => {
    const dtype = floatType(match) ?? 'float32';
    const fires = build.op('Greater', [match.value('x'), build.scalar(dtype, alphaOf(match))]);
    return build.op('Where', [fires, match.value('x'), build.scalar(dtype, 0)]);
  },
});

export const whereToThresholdedRelu = rule({
  name: 'where-to-thresholded-relu',
  pattern: op('Where', [
    op('Greater', [x, constant('theta', single(atLeastZero))]),
    x,
    constant('zero', every(positiveZero)),
  ]),
  requires: 'Where(x > theta, x, 0) with one float32 theta >= 0',
  ensures: 'ThresholdedRelu(x, alpha = theta)',
  bound: 'bit-equal',
  opset: 10,
  when: (match) => {
    const { dtype } = match.tensor('theta');
    return dtype === 'float32' || `ONNX Runtime has ThresholdedRelu for float32, theta is ${dtype}`;
  },
  replace: (match, build) => {
    const [theta] = elementNumbers(match.tensor('theta')) ?? [];
    return build.op('ThresholdedRelu', [match.value('x')], [float('alpha', theta)]);
  },
});

function alphaOf(match: Match): number {
  return Number(scalarAttribute(match.node('threshold'), 'alpha') ?? 1);
}

function floatType(match: Match): DType | undefined {
  const dtype = match.dtype('x');
  return dtype !== undefined && isFloat(dtype) ? dtype : undefined;
}
