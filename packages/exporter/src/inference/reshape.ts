/** Reshape: 0 copies an extent, -1 takes what is left. */
import type { Dim, Shape } from '../model/model.js';
import { elementsOf, formatShape, intAttribute, intsAttribute, type Rule, shapeOf, unknownOfRank } from './rule.js';
import { divideDims, sizeOfDims } from './symbolic-dim.js';

export const reshape: Rule = (context) => {
  const from = shapeOf(context, 0);
  // Until opset 5 the shape was an attribute.
  const target = elementsOf(context, 1) ?? intsAttribute(context, 'shape');
  if (target === undefined) return [{ shape: rankOnly(shapeOf(context, 1)) }];
  const copiesZero = intAttribute(context, 'allowzero', 0) === 0;
  const to: Dim[] = target.map((extent, axis) => {
    if (extent === -1) return null;
    if (extent !== 0 || !copiesZero) return extent;
    if (from !== null && axis >= from.length) {
      context.fail(`${formatShape(from)} to ${formatShape(target)}: no extent to copy on axis ${axis}`);
    }
    return from?.[axis] ?? null;
  });
  const open = target.indexOf(-1);
  if (open !== target.lastIndexOf(-1)) context.fail(`${formatShape(target)} has more than one -1`);
  if (from === null) return [{ shape: to }];
  const [size, others] = [sizeOfDims(from), sizeOfDims(to.filter((_, axis) => axis !== open))];
  const differ = () => context.fail(`${formatShape(from)} to ${formatShape(target)}: the sizes differ`);
  if (open === -1) {
    if (typeof size === 'number' && typeof others === 'number' && size !== others) differ();
    return [{ shape: fillOneUnknown(to, size) }];
  }
  if (typeof size === 'number' && typeof others === 'number' && others !== 0 && size % others !== 0) differ();
  // An element that is not known may be the -1 itself only if none is: with one, the others are extents.
  to[open] = divideDims(size, others);
  return [{ shape: to }];
};

/** A single extent that is not known follows from the size, unless its element was a -1 computed at run time. */
function fillOneUnknown(to: readonly Dim[], size: Dim): Shape {
  const unknown = to.indexOf(null);
  if (unknown === -1 || unknown !== to.lastIndexOf(null)) return to;
  const rest = divideDims(size, sizeOfDims(to.filter((_, axis) => axis !== unknown)));
  return to.map((dim, axis) => (axis === unknown ? rest : dim));
}

function rankOnly(shapeOfShape: Shape): Shape {
  const rank = shapeOfShape?.[0];
  return unknownOfRank(typeof rank === 'number' ? rank : undefined);
}
