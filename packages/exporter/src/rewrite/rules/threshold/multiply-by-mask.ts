/** f · Cast(mask), the form of those who have no Where: `x * (x > theta).float()`. */
import { scalarAttribute } from '../../../analysis/node-attributes.js';
import { dtypeFromOnnx } from '../../../tensor/index.js';
import type { Match } from '../../match.js';
import { any, op } from '../../pattern.js';
import { rule } from '../../rule.js';
import { mask } from './mask.js';

export const multiplyByMask = rule({
  name: 'multiply-by-mask',
  pattern: op('Mul', [any('f'), op('Cast', [mask], { as: 'cast' })]),
  requires: 'a comparison cast to the element type of what it gates',
  ensures: 'Where(mask, f, 0)',
  bound: {
    absolute: 0,
    relative: 0,
    except: 'silent neurons are +0 where they were -0 or NaN, firing ones may lose the sign of -0',
  },
  opset: 9,
  when: (match) => castType(match) !== undefined || 'Cast has no element type that ONNX knows',
  replace: (match, build) => {
    const zero = build.scalar(castType(match) ?? 'float32', 0);
    return build.op('Where', [match.value('mask'), match.value('f'), zero]);
  },
});

function castType(match: Match) {
  return dtypeFromOnnx(Number(scalarAttribute(match.node('cast'), 'to')));
}
