/**
 * Neurons that fire on one backend and not on the other. A flip is explained when x and θ each differ by no more than
 * the tolerance allows for them: then x lay so close to θ that the ordinary error of the layers before decided. Any
 * other flip has another cause, and fails.
 */
import type { Tensor } from '@rheobase/exporter/tensor';
import { elementIndex } from '../comparison/element-index.js';
import { type ElementTest, elementTest } from '../comparison/element-test.js';
import { floatElements, isFloatDType } from '../comparison/float-format.js';
import type { MaskFlip, MaskFlips } from '../report/verify-report.js';
import type { Tolerance } from '../tolerances/index.js';
import { fires, type Threshold } from './thresholds.js';

/** A side of the comparison on both backends. */
export interface Operand {
  readonly actual: Tensor;
  readonly expected: Tensor;
  readonly tolerance: Tolerance;
}

export const NO_FLIPS: MaskFlips = { explained: 0, unexplained: 0, examples: [], note: null };

const EXAMPLES = 5;

/** Null where the two sides are not floating-point numbers of matching shapes: no threshold of neurons. */
export function findFlips({ node, comparator }: Threshold, x: Operand, theta: Operand): MaskFlips | null {
  if (!isComparable(x) || !isComparable(theta)) return null;
  const shape = broadcastShape(x.expected.shape, theta.expected.shape);
  if (shape === null) return null;
  const [xs, thetas] = [new OperandElements(x, shape), new OperandElements(theta, shape)];
  const size = shape.reduce((product, extent) => product * extent, 1);
  const examples: MaskFlip[] = [];
  let explained = 0;
  let unexplained = 0;
  for (let flat = 0; flat < size; flat += 1) {
    const [i, j] = [xs.place(flat), thetas.place(flat)];
    const firesHere = fires(comparator, xs.actual[i], thetas.actual[j]);
    if (firesHere === fires(comparator, xs.expected[i], thetas.expected[j])) continue;
    const isExplained = xs.agrees(i) && thetas.agrees(j);
    if (isExplained) explained += 1;
    else unexplained += 1;
    if (examples.length < EXAMPLES || !isExplained) {
      examples.push({
        node: node.name,
        index: elementIndex(flat, shape),
        x: String(xs.actual[i]),
        theta: String(thetas.actual[j]),
        expectedX: String(xs.expected[i]),
        expectedTheta: String(thetas.expected[j]),
        explained: isExplained,
      });
      if (examples.length > EXAMPLES) dropOneExplainedFirst(examples);
    }
  }
  return { explained, unexplained, examples: unexplainedFirst(examples), note: null };
}

/** The flips of several thresholds together. */
export function joinFlips(parts: readonly MaskFlips[]): MaskFlips {
  const notes = [...new Set(parts.flatMap(({ note }) => (note === null ? [] : [note])))];
  return {
    explained: parts.reduce((sum, part) => sum + part.explained, 0),
    unexplained: parts.reduce((sum, part) => sum + part.unexplained, 0),
    examples: unexplainedFirst(parts.flatMap(({ examples }) => examples)).slice(0, EXAMPLES),
    note: notes.length === 0 ? null : notes.join('; '),
  };
}

function isComparable({ actual, expected }: Operand): boolean {
  return (
    isFloatDType(expected.dtype) &&
    actual.dtype === expected.dtype &&
    actual.shape.length === expected.shape.length &&
    actual.shape.every((extent, axis) => extent === expected.shape[axis])
  );
}

class OperandElements {
  readonly actual: Float32Array | Float64Array;
  readonly expected: Float32Array | Float64Array;
  readonly agrees: ElementTest;
  private readonly strides: readonly number[];

  constructor(
    operand: Operand,
    private readonly broadcast: readonly number[],
  ) {
    const [actual, expected] = [floatElements(operand.actual), floatElements(operand.expected)];
    this.actual = actual.numbers;
    this.expected = expected.numbers;
    this.agrees = elementTest(actual, expected, operand.tolerance);
    this.strides = broadcastStrides(operand.expected.shape, broadcast);
  }

  /** Where this operand's element lies for an element of the broadcast result. */
  place(flat: number): number {
    let rest = flat;
    let place = 0;
    for (let axis = this.broadcast.length - 1; axis >= 0; axis -= 1) {
      const extent = this.broadcast[axis] ?? 1;
      place += (rest % extent) * (this.strides[axis] ?? 0);
      rest = Math.floor(rest / extent);
    }
    return place;
  }
}

/** ONNX's multidirectional broadcasting; null where the shapes do not fit. */
function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] | null {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 1; axis <= rank; axis += 1) {
    const [x, y] = [a.at(-axis) ?? 1, b.at(-axis) ?? 1];
    if (axis <= a.length && axis <= b.length && x !== y && x !== 1 && y !== 1) return null;
    shape.unshift(x === 1 ? y : x);
  }
  return shape;
}

/** Step per axis of the result; 0 along axes that are repeated. */
function broadcastStrides(shape: readonly number[], broadcast: readonly number[]): readonly number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let axis = 1; axis <= broadcast.length; axis += 1) {
    const extent = shape.at(-axis) ?? 1;
    strides.unshift(axis > shape.length || extent === 1 ? 0 : stride);
    if (axis <= shape.length) stride *= extent;
  }
  return strides;
}

function unexplainedFirst(examples: readonly MaskFlip[]): readonly MaskFlip[] {
  return examples.toSorted((a, b) => Number(a.explained) - Number(b.explained));
}

function dropOneExplainedFirst(examples: MaskFlip[]): void {
  const place = examples.findIndex(({ explained }) => explained);
  examples.splice(place < 0 ? examples.length - 1 : place, 1);
}
