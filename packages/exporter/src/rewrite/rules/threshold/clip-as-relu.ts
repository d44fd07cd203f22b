/** Relu by another name: Clip from 0 up, or Max with 0. */
import { exactly, single } from '../../conditions.js';
import { any, constant, either, op } from '../../pattern.js';
import { rule } from '../../rule.js';

const zero = constant('zero', single(exactly(0)));

export const clipAsRelu = rule({
  name: 'clip-as-relu',
  pattern: either(op('Clip', [any('x'), zero]), op('Max', [any('x'), zero])),
  requires: 'Clip with the lower bound 0 and no upper one, or Max with 0',
  ensures: 'Relu(x)',
  bound: { absolute: 0, relative: 0, except: 'providers differ on what Clip, Max and Relu make of NaN and -0' },
  opset: 11,
  when: (match) => {
    const { dtype } = match.tensor('zero');
    return (
      /^(float|bfloat)(16|32|64)?$/.test(dtype) || match.scope.opset >= 14 || `Relu takes no ${dtype} before opset 14`
    );
  },
  replace: (match, build) => build.op('Relu', [match.value('x')]),
});
