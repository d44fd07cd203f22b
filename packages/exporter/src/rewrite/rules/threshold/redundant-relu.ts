/**
 * A Relu around, before or behind a threshold at θ ≥ 0: what passes the threshold is positive, where Relu does
 * nothing. Taking it out also takes out what providers disagree about (NaN, −0).
 */

import { elementNumbers, fromNumbers } from '../../../analysis/elements.js';
import { scalarAttribute } from '../../../analysis/node-attributes.js';
import { atLeastZero, belowZero, every, positiveZero } from '../../conditions.js';
import type { Match } from '../../match.js';
import { any, constant, either, op } from '../../pattern.js';
import { rule } from '../../rule.js';

const x = any('x');
const relu = op('Relu', [x]);
const theta = constant('theta', every(atLeastZero));
const COMPARISONS = ['Greater', 'GreaterOrEqual'];

export const reluInThreshold = rule({
  name: 'relu-in-threshold',
  pattern: either(
    op('Where', [op(COMPARISONS, [x, theta], { as: 'comparison' }), relu, any('silent')]),
    op('Where', [op(COMPARISONS, [relu, theta], { as: 'comparison' }), either(relu, x), any('silent')]),
  ),
  requires: 'Where(x > theta, Relu(x), …) with theta >= 0; for >= with theta > 0',
  ensures: 'the same without Relu',
  bound: 'bit-equal',
  when: firesOnlyAboveZero,
  replace: (match, build) => {
    const fires = build.op(match.node('comparison').opType, [match.value('x'), match.value('theta')]);
    return build.op('Where', [fires, match.value('x'), match.value('silent')]);
  },
});

export const reluAfterThreshold = rule({
  name: 'relu-after-threshold',
  pattern: op('Relu', [
    op('Where', [op(COMPARISONS, [x, theta], { as: 'comparison' }), x, constant('zero', every(positiveZero))], {
      as: 'threshold',
    }),
  ]),
  requires: 'Relu(Where(x > theta, x, 0)) with theta >= 0; for >= with theta > 0',
  ensures: 'the same without Relu',
  bound: 'bit-equal',
  when: firesOnlyAboveZero,
  replace: (match) => match.value('threshold'),
});

export const reluAtThresholdedRelu = rule({
  name: 'relu-at-thresholded-relu',
  pattern: either(
    op('Relu', [op('ThresholdedRelu', [x], { as: 'threshold' })]),
    op('ThresholdedRelu', [relu], { as: 'threshold' }),
  ),
  requires: 'ThresholdedRelu with alpha >= 0 before or behind Relu',
  ensures: 'the same without Relu',
  bound: 'bit-equal',
  when: (match) => atLeastZero(Number(scalarAttribute(match.node('threshold'), 'alpha') ?? 1)),
  replace: (match, build) => build.op('ThresholdedRelu', [match.value('x')], match.node('threshold').attributes),
});

export const reluUnderNegativeThreshold = rule({
  name: 'relu-under-negative-threshold',
  pattern: op('Where', [op('Greater', [x, constant('theta')]), relu, constant('zero', every(positiveZero))]),
  requires: 'Where(x > theta, Relu(x), 0) with a negative theta',
  ensures: 'Where(x > max(theta, 0), x, 0)',
  bound: { absolute: 0, relative: 0, except: 'where x is -0 the result is +0 whatever Relu(-0) is' },
  when: (match) => {
    const numbers = elementNumbers(match.tensor('theta'));
    if (numbers === undefined) return 'theta is no number';
    return numbers.some((number) => belowZero(number) === true) || 'theta is nowhere negative';
  },
  replace: (match, build) => {
    const { dtype, shape, ...tensor } = match.tensor('theta');
    const numbers = elementNumbers({ dtype, shape, ...tensor }) ?? [];
    const raised = fromNumbers(
      dtype,
      numbers.map((number) => Math.max(number, 0)),
      shape,
    );
    const theta = build.constant(raised ?? match.tensor('theta'));
    return build.op('Where', [build.op('Greater', [match.value('x'), theta]), match.value('x'), match.value('zero')]);
  },
});

/** With >=, θ = 0 would let −0 pass, which Relu may turn into +0. */
function firesOnlyAboveZero(match: Match): true | string {
  if (match.node('comparison').opType === 'Greater') return true;
  const numbers = elementNumbers(match.tensor('theta')) ?? [];
  return numbers.every((number) => number > 0) || 'theta is 0, where >= lets -0 pass';
}
