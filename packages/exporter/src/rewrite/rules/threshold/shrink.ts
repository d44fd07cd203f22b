/**
 * Shrink without bias is the magnitude gate: y = x where |x| > lambd, else 0. In both directions. Shrink since opset
 * 9; ONNX operator documentation.
 */
import { elementNumbers } from '../../../analysis/elements.js';
import { float, scalarAttribute } from '../../../analysis/node-attributes.js';
import { type DType, isFloat } from '../../../tensor/index.js';
import { atLeastZero, attributeIs, every, positiveZero, single } from '../../conditions.js';
import type { Match } from '../../match.js';
import { any, constant, op } from '../../pattern.js';
import { rule } from '../../rule.js';

const x = any('x');

export const shrinkToWhere = rule({
  name: 'shrink-to-where',
  pattern: op('Shrink', [x], { as: 'shrink', attributes: { bias: attributeIs(0, 0) } }),
  requires: 'Shrink with bias 0 and lambd >= 0 on a float value whose element type is known',
  ensures: 'Where(|x| > lambd, x, 0)',
  bound: 'bit-equal',
  opset: 9,
  when: (match) => {
    if (floatType(match) === undefined) return `'${match.value('x')}' is not known to be of a float type`;
    const answer = atLeastZero(lambd(match));
    return answer === true || `lambd ${answer}`;
  },
  replace: (match, build) => {
    const dtype = floatType(match) ?? 'float32';
    const magnitude = build.op('Abs', [match.value('x')]);
    const fires = build.op('Greater', [magnitude, build.scalar(dtype, lambd(match))]);
    return build.op('Where', [fires, match.value('x'), build.scalar(dtype, 0)]);
  },
});

export const whereToShrink = rule({
  name: 'where-to-shrink',
  pattern: op('Where', [
    op('Greater', [op('Abs', [x]), constant('theta', single(atLeastZero))]),
    x,
    constant('zero', every(positiveZero)),
  ]),
  requires: 'Where(|x| > theta, x, 0) with one float32 theta >= 0',
  ensures: 'Shrink(x, lambd = theta, bias = 0)',
  bound: 'bit-equal',
  opset: 9,
  when: (match) => {
    const { dtype } = match.tensor('theta');
    return dtype === 'float32' || `lambd is float32, theta is ${dtype}`;
  },
  replace: (match, build) => {
    const [theta] = elementNumbers(match.tensor('theta')) ?? [];
    return build.op('Shrink', [match.value('x')], [float('bias', 0), float('lambd', theta)]);
  },
});

function lambd(match: Match): number {
  return Number(scalarAttribute(match.node('shrink'), 'lambd') ?? 0.5);
}

function floatType(match: Match): DType | undefined {
  const dtype = match.dtype('x');
  return dtype !== undefined && isFloat(dtype) ? dtype : undefined;
}
