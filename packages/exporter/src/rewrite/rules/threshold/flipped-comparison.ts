/** θ < x is x > θ: the comparison read from the neuron's side. Exact for NaN too, where both are false. */
import { any, constant, op } from '../../pattern.js';
import { rule } from '../../rule.js';

const FLIPPED: Readonly<Record<string, string>> = {
  Less: 'Greater',
  LessOrEqual: 'GreaterOrEqual',
  Greater: 'Less',
  GreaterOrEqual: 'LessOrEqual',
};

export const flippedComparison = rule({
  name: 'flipped-comparison',
  pattern: op(Object.keys(FLIPPED), [constant('theta'), any('x')], { as: 'comparison' }),
  requires: 'a comparison with the constant on the left',
  ensures: 'the constant on the right',
  bound: 'bit-equal',
  when: (match) => match.scope.constant(match.value('x')) === undefined || 'both sides are constants',
  replace: (match, build) => {
    const opType = FLIPPED[match.node('comparison').opType];
    return build.op(opType, [match.value('x'), match.value('theta')]);
  },
});
