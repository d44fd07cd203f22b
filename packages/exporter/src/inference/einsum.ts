/** Einsum: letters name axes; `...` stands for those that broadcast. Without an arrow, letters that occur once, in order. */
import type { Dim } from '../model/model.js';
import { broadcastShapes } from './broadcast.js';
import { formatShape, mayEqual, moreCertain, type Rule, type RuleContext, shapeOf, textAttribute } from './rule.js';

export const einsum: Rule = (context) => {
  const equation = textAttribute(context, 'equation', '').replaceAll(' ', '');
  const [left, right] = equation.split('->');
  const terms = left.split(',');
  if (terms.length !== context.inputs.length) {
    context.fail(`'${equation}' is for ${terms.length} inputs, not ${context.inputs.length}`);
  }
  const extents = new Map<string, Dim>();
  const spread: (readonly Dim[])[] = [];
  let isOpen = false;
  for (const [index, term] of terms.entries()) {
    const shape = shapeOf(context, index);
    if (shape === null) isOpen ||= term.includes('...');
    else spread.push(readTerm(context, term, shape, extents));
  }
  const common = isOpen ? null : broadcastShapes(context, spread);
  const result = right ?? implicit(terms);
  if (result.includes('...') && common === null) return [{ shape: null }];
  const shape = result
    .replace('...', '.')
    .split('')
    .flatMap((letter): readonly Dim[] => {
      return letter === '.' ? (common ?? []) : [extents.get(letter) ?? null];
    });
  return [{ shape }];
};

/** Notes the extents of a term's letters; answers the axes that `...` stands for. */
function readTerm(
  context: RuleContext,
  term: string,
  shape: readonly Dim[],
  extents: Map<string, Dim>,
): readonly Dim[] {
  const [before, after] = term.split('...');
  const named = before.length + (after?.length ?? 0);
  if (after === undefined ? named !== shape.length : named > shape.length) {
    context.fail(`'${term}' does not fit ${formatShape(shape)}`);
  }
  const end = shape.length - (after?.length ?? 0);
  const axes: [string, Dim][] = [
    ...before.split('').map((letter, axis): [string, Dim] => [letter, shape[axis]]),
    ...(after ?? '').split('').map((letter, axis): [string, Dim] => [letter, shape[end + axis]]),
  ];
  for (const [letter, dim] of axes) {
    const known = extents.get(letter);
    if (known !== undefined && known !== 1 && dim !== 1 && !mayEqual(known, dim)) {
      context.fail(`'${letter}' is ${known} and ${dim}`);
    }
    extents.set(letter, known === undefined || known === 1 ? dim : dim === 1 ? known : moreCertain(known, dim));
  }
  return after === undefined ? [] : shape.slice(before.length, end);
}

function implicit(terms: readonly string[]): string {
  const letters = terms.join('').replaceAll('...', '').split('');
  const once = letters.filter((letter) => letters.filter((other) => other === letter).length === 1).sort();
  return `${terms.some((term) => term.includes('...')) ? '...' : ''}${once.join('')}`;
}
