/** Reshape: 0 copies an extent, -1 takes what is left. */
import type { Dim, Shape } from '../model/model.js';
import { constantInts, formatShape, intAttribute, type Rule, shapeOf } from './rule.js';

export const reshape: Rule = (context) => {
  const from = shapeOf(context, 0);
  const target = constantInts(context, 1);
  if (target === undefined) return [{ shape: rankOnly(shapeOf(context, 1)) }];
  const copiesZero = intAttribute(context, 'allowzero', 0) === 0;
  const to: Dim[] = target.map((extent, axis) => {
    if (extent === -1) return null;
    if (extent !== 0 || !copiesZero) return extent;
    if (from !== null && axis >= from.length) {
      context.fail(`${formatShape(from)} to [${target}]: no extent to copy on axis ${axis}`);
    }
    return from?.[axis] ?? null;
  });
  const open = target.indexOf(-1);
  if (open !== target.lastIndexOf(-1)) context.fail(`[${target}] has more than one -1`);
  if (from === null) return [{ shape: to }];
  const left = remainder(
    from,
    to.filter((_, axis) => axis !== open),
  );
  if (left === undefined) return [{ shape: to }];
  if (open === -1 ? left !== 1 : typeof left === 'number' && !Number.isInteger(left)) {
    context.fail(`${formatShape(from)} to [${target}]: the sizes differ`);
  }
  if (open !== -1) to[open] = left;
  return [{ shape: to }];
};

function rankOnly(shapeOfShape: Shape): Shape {
  const rank = shapeOfShape?.[0];
  return typeof rank === 'number' ? new Array<Dim>(rank).fill(null) : null;
}

/**
 * The size of `from` divided by that of `to`. Named extents on both sides cancel; one that is left over alone is the
 * remainder itself; undefined where that leaves something unknown.
 */
function remainder(from: readonly Dim[], to: readonly Dim[]): Dim | undefined {
  if (from.includes(null) || to.includes(null)) return undefined;
  const names = from.filter((dim) => typeof dim === 'string');
  for (const name of to.filter((dim) => typeof dim === 'string')) {
    const match = names.indexOf(name);
    if (match === -1) return undefined;
    names.splice(match, 1);
  }
  const product = (dims: readonly Dim[]) =>
    dims.reduce<number>((size, dim) => (typeof dim === 'number' ? size * dim : size), 1);
  const divisor = product(to);
  if (divisor === 0) return undefined;
  const ratio = product(from) / divisor;
  if (names.length === 0) return ratio;
  return names.length === 1 && ratio === 1 ? names[0] : undefined;
}
