/** Reduce*: the gradient of the reduced value, spread back over what was reduced. */
import { op, type Value } from '@rheobase/exporter';
import { div, masked, mul } from '../../graph/arithmetic.js';
import { spreadTo } from '../../graph/broadcast.js';
import { gather, integers, productAs, shapeOf, unsqueeze } from '../../graph/operators.js';
import { extentsOf, integersOf } from '../../graph/values.js';
import { type Differentiated, elementwise, type GradientRule } from '../rule.js';

/** Axes that a node reduces: numbers, a value known when running, or all of them. */
type Axes = readonly number[] | Value<'int64'> | 'all' | 'none';

function axesOf(node: Differentiated): Axes {
  const given = node.optional(1);
  const axes = given === undefined ? node.ints('axes') : (integersOf(given) ?? (given as Value<'int64'>));
  if (axes !== undefined && !(Array.isArray(axes) && axes.length === 0)) return axes;
  return node.int('noop_with_empty_axes', 0) !== 0 ? 'none' : 'all';
}

/**
 * A value of the output's shape with reduced axes put back as 1, so that it broadcasts against the input. Where all
 * axes went it is a scalar, which broadcasts as it is.
 */
function restored(node: Differentiated, reduced: Value): Value {
  const axes = axesOf(node);
  if (node.int('keepdims', 1) !== 0 || axes === 'all' || axes === 'none') return reduced;
  const { shape } = node.input(0);
  if (!Array.isArray(axes) || shape === null) return unsqueeze(reduced, axes as Value<'int64'>);
  const resolved = new Set(axes.map((axis) => (axis < 0 ? axis + shape.length : axis)));
  if (reduced.shape?.length === 0) return reduced;
  return unsqueeze(
    reduced,
    [...resolved].sort((a, b) => a - b),
    shape.map((dim, axis) => (resolved.has(axis) ? 1 : dim)),
  );
}

/** How many elements go into one, as a number where the extents are known. */
function countOf(node: Differentiated): number | Value {
  const x = node.input(0);
  const axes = axesOf(node);
  if (axes === 'none') return 1;
  const extents = extentsOf(x);
  const list = Array.isArray(axes) ? (axes as readonly number[]) : undefined;
  if (x.shape !== null && list !== undefined) {
    const dims = list.map((axis) => x.shape?.at(axis));
    if (dims.every((dim) => typeof dim === 'number')) return dims.reduce((count, dim) => count * dim, 1);
  }
  if (axes === 'all' && extents !== undefined) return extents.reduce((count, extent) => count * extent, 1);
  const all = shapeOf(x);
  return productAs(axes === 'all' ? all : gather(all, axesValue(axes)), x.dtype);
}

function axesValue(axes: readonly number[] | Value<'int64'>): Value {
  return Array.isArray(axes) ? integers(axes) : (axes as Value);
}

/** A rule from g and y, both put back to where they broadcast against x. */
function reduction(back: (parts: { g: Value; x: Value; y: () => Value; node: Differentiated }) => Value): GradientRule {
  return elementwise((node, g) => {
    const parts = {
      g: restored(node, fullIfNeeded(node, g)),
      x: node.input(0),
      y: () => restored(node, node.output),
      node,
    };
    return [back(parts)];
  });
}

/** A gradient smaller than the output is spread before axes are put back, unless all of them went. */
function fullIfNeeded(node: Differentiated, g: Value): Value {
  return g.shape?.length === 0 && axesOf(node) === 'all' ? g : spreadTo(g, node.output);
}

/** Each extremal element takes an equal share. */
const extremum = reduction(({ g, x, y, node }) => {
  const isIt = op.equal(x, y());
  const given = node.optional(1);
  const hits = op.reduceSum(op.cast(isIt, x.dtype), {
    ...(axesOf(node) === 'all'
      ? {}
      : { axes: given === undefined ? (node.ints('axes') ?? []) : (given as Value<'int64'>) }),
    keepdims: true,
  });
  return masked(isIt, div(g, hits));
});

/** ∂/∂xᵢ Π x = Π x / xᵢ, which takes elements other than zero. */
const product = reduction(({ g, x, y }) => div(mul(g, y()), x));

/** 0 where the whole norm is 0. */
const euclidean = reduction(({ g, x, y }) => {
  const norm = y();
  return masked(op.greater(norm, 0), mul(x, div(g, norm)));
});

const logOfSum = reduction(({ g, y }) => div(g, op.exp(y())));

export const REDUCTIONS: Readonly<Record<string, GradientRule>> = {
  ReduceL1: reduction(({ g, x }) => mul(op.sign(x), g)),
  ReduceL2: euclidean,
  ReduceLogSum: logOfSum,
  ReduceLogSumExp: reduction(({ g, x, y }) => mul(op.exp(op.sub(x, y())), g)),
  ReduceMax: extremum,
  ReduceMean: reduction(({ g, node }) => div(g, countOf(node))),
  ReduceMin: extremum,
  ReduceProd: product,
  ReduceSum: reduction(({ g }) => g),
  ReduceSumSquare: reduction(({ g, x }) => mul(mul(x, g), 2)),
};
