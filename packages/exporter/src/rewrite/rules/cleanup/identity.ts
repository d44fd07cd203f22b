/** Nodes that do nothing: their output is their input. Each form with the reason why it is exact. */
import { scalarAttribute } from '../../../analysis/node-attributes.js';
import { dtypeFromOnnx } from '../../../tensor/index.js';
import { every, exactly, single } from '../../conditions.js';
import type { Match } from '../../match.js';
import { any, constant, either, op, optional } from '../../pattern.js';
import { rule } from '../../rule.js';

const x = any('x');
const SINGLE_OPERAND = ['Identity', 'Sum', 'Mean', 'Max', 'Min', 'Concat'];

export const identity = rule({
  name: 'identity',
  pattern: op(SINGLE_OPERAND, [x]),
  requires: 'Identity, or Sum, Mean, Max, Min or Concat of one value',
  ensures: 'the value itself',
  bound: 'bit-equal',
  replace: (match) => match.value('x'),
});

export const castToSame = rule({
  name: 'cast-to-same',
  pattern: op('Cast', [x], { as: 'cast' }),
  requires: 'Cast to the element type that the value has',
  ensures: 'the value itself',
  bound: 'bit-equal',
  when: (match) => {
    const to = dtypeFromOnnx(Number(scalarAttribute(match.node('cast'), 'to')));
    const from = match.dtype('x');
    return (from !== undefined && from === to) || `it casts ${from ?? 'an unknown type'} to ${to}`;
  },
  replace: (match) => match.value('x'),
});

export const dropoutAtInference = rule({
  name: 'dropout-at-inference',
  pattern: op('Dropout', [x, optional(any('ratio')), optional(constant('training', every(exactly(0))))]),
  requires: 'Dropout that is not told to train, its mask unused',
  ensures: 'the value itself',
  bound: 'bit-equal',
  opset: 7,
  replace: (match) => match.value('x'),
});

export const transposeToSame = rule({
  name: 'transpose-to-same',
  pattern: op('Transpose', [x], { as: 'transpose' }),
  requires: 'Transpose that leaves every axis where it is',
  ensures: 'the value itself',
  bound: 'bit-equal',
  when: (match) => leavesAxes(match) || 'it moves an axis',
  replace: (match) => match.value('x'),
});

/** x · 1, x / 1 and x − (+0) are x in IEEE arithmetic, −0 and NaN included; x + 0 is not (−0 + 0 = +0). */
export const neutralOperand = rule({
  name: 'neutral-operand',
  pattern: either(
    op(['Mul', 'Div'], [x, constant('neutral', single(exactly(1)))], { as: 'node' }),
    op('Mul', [constant('neutral', single(exactly(1))), x], { as: 'node' }),
    op('Sub', [x, constant('neutral', single(exactly(0)))], { as: 'node' }),
  ),
  requires: 'multiplication or division by 1, subtraction of +0',
  ensures: 'the value itself',
  bound: 'bit-equal',
  replace: (match) => match.value('x'),
});

export const twice = rule({
  name: 'twice',
  pattern: either(op('Relu', [op('Relu', [x], { as: 'once' })]), op('Abs', [op('Abs', [x], { as: 'once' })])),
  requires: 'Relu of Relu, Abs of Abs',
  ensures: 'it once',
  bound: 'bit-equal',
  replace: (match) => match.value('once'),
});

export const doubleNegation = rule({
  name: 'double-negation',
  pattern: either(op('Not', [op('Not', [x])]), op('Neg', [op('Neg', [x])])),
  requires: 'Not of Not, Neg of Neg',
  ensures: 'the value itself',
  bound: 'bit-equal',
  replace: (match) => match.value('x'),
});

function leavesAxes(match: Match): boolean {
  const perm = scalarAttribute(match.node('transpose'), 'perm');
  if (Array.isArray(perm)) return perm.every((axis, index) => axis === index);
  return (match.rank('x') ?? 2) < 2;
}
