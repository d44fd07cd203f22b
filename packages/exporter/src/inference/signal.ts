/** Fourier transforms, and what reads texts, images and boxes: shapes that attributes or the data itself decide. */
import type { Dim } from '../model/model.js';
import {
  constantInts,
  elementsOf,
  intAttribute,
  intsAttribute,
  type Rule,
  resolveAxis,
  shapeOf,
  textAttribute,
  unknownOfRank,
} from './rule.js';

/** [batch, …signal…, 1 or 2] → the same with the axis as long as asked for, halved where one-sided, and 2 at the end. */
export const dft: Rule = (context) => {
  const shape = shapeOf(context, 0);
  if (shape === null) return [{ shape: null }];
  // Until opset 20 the axis was an attribute, by default 1.
  const given =
    context.inputs[2] === undefined ? intAttribute(context, 'axis', undefined) : constantInts(context, 2)?.[0];
  if (context.inputs[2] !== undefined && given === undefined) return [{ shape: unknownOfRank(shape.length) }];
  // Opset 20 counts from the end by default (-2), opset 17 from the front (1): the same axis for one signal axis only.
  if (given === undefined && shape.length !== 3) return [{ shape: unknownOfRank(shape.length) }];
  const axis = resolveAxis(context, given ?? 1, shape.length);
  const length = context.inputs[1] === undefined ? shape[axis] : (elementsOf(context, 1)?.[0] ?? null);
  const isOneSided = intAttribute(context, 'onesided', 0) !== 0;
  const isInverse = intAttribute(context, 'inverse', 0) !== 0;
  const result: Dim[] = [...shape];
  result[axis] = isOneSided ? (isInverse ? null : half(length)) : length;
  result[shape.length - 1] = isOneSided && isInverse ? null : 2;
  return [{ shape: result }];
};

/** [batch, length, 1 or 2] → [batch, frames, bins, 2]. */
export const stft: Rule = (context) => {
  const signal = shapeOf(context, 0);
  const step = constantInts(context, 1)?.[0];
  const window = shapeOf(context, 2)?.[0];
  const length = context.inputs[3] === undefined ? window : constantInts(context, 3)?.[0];
  const isOneSided = intAttribute(context, 'onesided', 1) !== 0;
  const total = signal?.[1];
  const isKnown = typeof total === 'number' && typeof length === 'number' && step !== undefined && step > 0;
  const frames = isKnown ? Math.floor((total - length) / step) + 1 : null;
  const bins = typeof length === 'number' ? (isOneSided ? half(length) : length) : null;
  return [{ shape: [signal?.[0] ?? null, frames, bins, 2] }];
};

const half = (length: Dim): Dim => (typeof length === 'number' ? Math.floor(length / 2) + 1 : null);

/** One row [batch, class, box] a box that is kept. */
export const nonMaxSuppression: Rule = () => [{ shape: [null, 3] }];

export const imageDecoder: Rule = (context) => [
  { shape: [null, null, textAttribute(context, 'pixel_format', 'RGB') === 'Grayscale' ? 1 : 3] },
];

/** Texts in as many parts as the longest has, and how many each has. */
export const stringSplit: Rule = (context) => {
  const shape = shapeOf(context, 0);
  return [{ shape: shape === null ? null : [...shape, null] }, { shape }];
};

/** Stop words go, so of how many texts is not known. */
export const stringNormalizer: Rule = (context) => {
  const shape = shapeOf(context, 0);
  return [{ shape: shape === null ? null : shape.map((dim, axis) => (axis === shape.length - 1 ? null : dim)) }];
};

/** One count an n-gram, in place of the last axis. */
export const tfIdf: Rule = (context) => {
  const shape = shapeOf(context, 0);
  const indexes = intsAttribute(context, 'ngram_indexes');
  const size = indexes === undefined ? null : Math.max(...indexes) + 1;
  return [{ shape: shape === null ? null : [...shape.slice(0, -1), size] }];
};
