import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dim } from '../model/model.js';
import { addDims, divideDims, multiplyDims, sizeOfDims, subtractDims } from './symbolic-dim.js';

describe('dimensions', () => {
  it.each<[string, Dim, Dim]>([
    ['numbers', addDims(2, 3), 5],
    ['a name plus a number', addDims('batch', 1), 'batch+1'],
    ['and back', subtractDims(addDims('batch', 1), 1), 'batch'],
    ['twice a name', multiplyDims('batch', 2), '2*batch'],
    ['a name and itself', addDims('batch', 'batch'), '2*batch'],
    ['a name without itself', subtractDims('batch', 'batch'), 0],
    ['names in order', multiplyDims('w', 'h'), 'h*w'],
    ['sums multiplied out', multiplyDims(addDims('n', 1), addDims('n', -1)), 'n*n-1'],
    ['a size', sizeOfDims(['batch', 28, 28]), '784*batch'],
    ['a quotient', divideDims('784*batch', 'batch'), 784],
    ['a quotient by a number', divideDims('784*batch', 28), '28*batch'],
    ['a quotient that may not be whole', divideDims('batch', 2), null],
    ['a quotient by a sum', divideDims('2*n+2', 'n+1'), 2],
    ['nothing known', addDims('batch', null), null],
    ['zero times anything', multiplyDims(0, null), 0],
    ['a name that is no word', multiplyDims('past length', 2), '2*(past length)'],
    ['such a name alone', divideDims(multiplyDims('past length', 2), 2), 'past length'],
    ['an expression of the file', subtractDims('past_len+1', 1), 'past_len'],
  ])('%s', (_, actual, expected) => expect(actual).toEqual(expected));

  it('are what they stand for', () => {
    const names = { a: 3, b: 5 };
    const dim = fc.letrec<{ dim: { dim: Dim; value: number } }>((tie) => ({
      dim: fc.oneof(
        { maxDepth: 4 },
        fc.integer({ min: 0, max: 9 }).map((value) => ({ dim: value, value })),
        fc.constantFrom('a' as const, 'b' as const).map((name) => ({ dim: name, value: names[name] })),
        fc.tuple(tie('dim'), tie('dim'), fc.constantFrom(0, 1, 2)).map(([x, y, which]) => ({
          dim: [addDims, subtractDims, multiplyDims][which](x.dim, y.dim),
          value: [x.value + y.value, x.value - y.value, x.value * y.value][which],
        })),
      ),
    })).dim;
    fc.assert(
      fc.property(dim, ({ dim: symbolic, value }) => {
        const substituted = String(symbolic).replace(/\ba\b/g, '3').replace(/\bb\b/g, '5');
        expect(Function(`return ${substituted}`)() - value).toBe(0);
      }),
    );
  });
});
