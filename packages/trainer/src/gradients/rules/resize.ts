/**
 * Resize, by its definition: along each axis every element of the result is a weighted mean of elements of the input, so
 * resizing an axis is a product with a matrix `[out, in]` that the extents alone decide.
 * Source: the ONNX specification of Resize; Keys, Cubic convolution interpolation for digital image processing (1981).
 */
import { constant, op, type Tensor, type Value } from '@rheobase/exporter';
import { integersOf, withShape } from '../../graph/values.js';
import { byDefinition, type Differentiated, type GradientRule } from '../rule.js';

/** One axis: `scale` is float32, as ONNX stores it. */
interface Stretch {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

const resize = byDefinition((node) => {
  if (node.int('antialias', 0) !== 0) node.fail('antialias has no gradient rule', 'export the model without it');
  return stretches(node).reduce((x, stretch) => alongAxis(x, stretch, matrixOf(node, stretch)), node.input(0));
});

/** The axes whose extent changes. */
function stretches(node: Differentiated): Stretch[] {
  const rank = node.rankOf(0);
  const axes = (node.ints('axes') ?? Array.from({ length: rank }, (_, axis) => axis)).map(
    (axis) => (axis + rank) % rank,
  );
  const scales = node.optional(2)?.constant?.data as Float32Array | undefined;
  const hasScales = scales !== undefined && scales.length > 0;
  const sizes = integersOf(node.optional(3));
  if (!hasScales && sizes === undefined) node.fail('neither its scales nor its sizes are known before running');
  if (node.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch') {
    node.fail('keep_aspect_ratio_policy has no gradient rule', 'give the scales instead');
  }
  return axes.flatMap((axis, index): Stretch[] => {
    const from = node.input(0).shape?.[axis];
    if (hasScales ? scales[index] === 1 : sizes?.[index] === from) return [];
    if (typeof from !== 'number') return node.fail(`the extent of its axis ${axis} is not known before running`);
    const scale = hasScales ? scales[index] : Math.fround((sizes?.[index] ?? from) / from);
    return [{ axis, from, to: sizes?.[index] ?? Math.floor(Math.fround(from * scale)), scale }];
  });
}

/** `x` with one axis multiplied by a matrix `[out, in]`. */
function alongAxis(x: Value, { axis, to, from }: Stretch, matrix: Float64Array): Value {
  const rank = x.shape?.length ?? 0;
  const last = rank - 1;
  const perm = Array.from({ length: rank }, (_, at) => (at === axis ? last : at === last ? axis : at));
  const turned = (value: Value) => (axis === last ? value : op.transpose(value, { perm }));
  const weights = Float64Array.from(matrix, (_, at) => matrix[(at % to) * from + Math.floor(at / to)]);
  const stretched = op.matMul(turned(x), constant(asTensor(weights, [from, to], x.dtype)));
  return withShape(turned(stretched), x.shape?.with(axis, to) ?? null);
}

function asTensor(data: Float64Array, shape: readonly number[], dtype: string): Tensor {
  return dtype === 'float64' ? { dtype, shape, data } : { dtype: 'float32', shape, data: Float32Array.from(data) };
}

/** Rows are elements of the result, columns elements of the input. */
function matrixOf(node: Differentiated, stretch: Stretch): Float64Array {
  const { from, to } = stretch;
  const matrix = new Float64Array(to * from);
  const mode = node.text('mode', 'nearest');
  for (let row = 0; row < to; row += 1) {
    const place = placeOf(node, row, stretch);
    const taps =
      mode === 'nearest' ? nearest(node, place) : mode === 'linear' ? linear(place, from) : cubic(node, place, from);
    for (const [column, weight] of taps) matrix[row * from + clamp(column, from)] += weight;
  }
  return matrix;
}

type Taps = readonly (readonly [column: number, weight: number])[];

/** Where an element of the result lies among those of the input; in float32, for ties to fall as they do there. */
function placeOf(node: Differentiated, at: number, { from, to, scale }: Stretch): number {
  const mode = node.text('coordinate_transformation_mode', 'half_pixel');
  const halfPixel = () => Math.fround(Math.fround(Math.fround(at + 0.5) / scale) - 0.5);
  switch (mode) {
    case 'half_pixel':
      return halfPixel();
    case 'pytorch_half_pixel':
      return to > 1 ? halfPixel() : 0;
    case 'half_pixel_symmetric':
      return Math.fround(Math.fround((from / 2) * (1 - Math.fround(to / Math.fround(scale * from)))) + halfPixel());
    case 'align_corners':
      return to === 1 ? 0 : Math.fround((at * (from - 1)) / (to - 1));
    case 'asymmetric':
      return Math.fround(at / scale);
    default:
      return node.fail(`coordinate_transformation_mode '${mode}' has no gradient rule`);
  }
}

function nearest(node: Differentiated, place: number): Taps {
  const rounding: Readonly<Record<string, (x: number) => number>> = {
    round_prefer_floor: (x) => Math.ceil(x - 0.5),
    round_prefer_ceil: (x) => Math.floor(x + 0.5),
    floor: Math.floor,
    ceil: Math.ceil,
  };
  const mode = node.text('nearest_mode', 'round_prefer_floor');
  const round = rounding[mode] ?? node.fail(`its nearest_mode is '${mode}'`);
  return [[round(place), 1]];
}

function linear(place: number, extent: number): Taps {
  const inside = Math.min(Math.max(place, 0), extent - 1);
  const low = Math.floor(inside);
  return [
    [low, 1 - (inside - low)],
    [low + 1, inside - low],
  ];
}

function cubic(node: Differentiated, place: number, extent: number): Taps {
  const a = node.float('cubic_coeff_a', -0.75);
  const low = Math.floor(place);
  const isOutside = (column: number) => column < 0 || column >= extent;
  const excludes = node.int('exclude_outside', 0) !== 0;
  const taps = [low - 1, low, low + 1, low + 2].map((column): [number, number] => {
    const weight = excludes && isOutside(column) ? 0 : cubicWeight(Math.abs(place - column), a);
    return [column, weight];
  });
  const sum = excludes ? taps.reduce((total, [, weight]) => total + weight, 0) : 1;
  return taps.map(([column, weight]) => [column, weight / sum]);
}

function cubicWeight(distance: number, a: number): number {
  if (distance <= 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  if (distance < 2) return ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a;
  return 0;
}

function clamp(column: number, extent: number): number {
  return Math.min(Math.max(column, 0), extent - 1);
}

export const RESIZE: Readonly<Record<string, GradientRule>> = { Resize: resize };
