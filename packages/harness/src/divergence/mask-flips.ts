/**
 * Neurons that fire on one backend and not on the other. A flip is explained when what the threshold compared (x and θ)
 * differs by no more than the tolerance allows from what the backend should have computed: then x lay so close to θ that
 * the ordinary error of the layers before decided. Any other flip has another cause, and fails.
 */
import type { Tensor } from '@rheobase/exporter/tensor';
import { elementIndex } from '../comparison/element-index.js';
import { type ElementTest, elementTest } from '../comparison/element-test.js';
import { type FloatElements, floatElements, isFloatDType } from '../comparison/float-format.js';
import type { MaskFlip, MaskFlips } from '../report/verify-report.js';
import type { Tolerance } from '../tolerances/index.js';
import { Broadcast } from './broadcast.js';
import { fires, type Threshold } from './thresholds.js';

/** What a threshold compares, in one run. */
export interface Operands {
  readonly x: Tensor;
  readonly theta: Tensor;
  /** What the node made of them: a mask, or of a ThresholdedRelu its y. Left out, the comparison is done here. */
  readonly made?: Tensor;
}

export interface FlipQuestion {
  /** On the backend. */
  readonly actual: Operands;
  /** On the baseline. */
  readonly expected: Operands;
  /** What the backend should have computed: the baseline's, or that after taking over flips further up. */
  readonly reference: Operands;
  readonly tolerances: { readonly x: Tolerance; readonly theta: Tolerance };
}

export const NO_FLIPS: MaskFlips = { explained: 0, unexplained: 0, examples: [], note: null };

const EXAMPLES = 5;

/** Which neurons fire, as a boolean tensor; null where no floating-point numbers of fitting shapes are compared. */
export function maskOf(threshold: Threshold, operands: Operands): Tensor<'bool'> | null {
  const sides = sidesOf(operands);
  if (sides === null) return null;
  const { broadcast } = sides;
  const data = new Uint8Array(broadcast.size);
  const firing = decisionIn(operands.made, broadcast, (flat) => firesAt(threshold, sides, flat), sides);
  for (let flat = 0; flat < data.length; flat += 1) data[flat] = firing(flat) ? 1 : 0;
  return { dtype: 'bool', shape: broadcast.shape, data };
}

function firesAt(threshold: Threshold, sides: ComparedSides, flat: number): boolean {
  const { theta, broadcast } = sides;
  return fires(threshold.comparator, comparedAt(threshold, sides, flat), theta.numbers[broadcast.second(flat)]);
}

/** x, or |x| where the operator takes that. */
function comparedAt({ magnitude }: Threshold, { x, broadcast }: ComparedSides, flat: number): number {
  const number = x.numbers[broadcast.first(flat)];
  return magnitude ? Math.abs(number) : number;
}

/** What the run decided, where it tells; a y of zero is silent, but where x is zero too it does not tell. */
function decisionIn(
  made: Tensor | undefined,
  broadcast: Broadcast,
  computed: (flat: number) => boolean,
  { x }: ComparedSides,
): (flat: number) => boolean {
  if (made === undefined || String(made.shape) !== String(broadcast.shape)) return computed;
  if (made.dtype === 'bool') return (flat) => made.data[flat] !== 0;
  if (!isFloatDType(made.dtype)) return computed;
  const y = floatElements(made);
  return (flat) => (x.numbers[broadcast.first(flat)] === 0 ? computed(flat) : y.numbers[flat] !== 0);
}

/** Null where the runs do not compare floating-point numbers of the same shapes: no threshold of neurons. */
export function findFlips(threshold: Threshold, question: FlipQuestion): MaskFlips | null {
  const { actual, expected, reference, tolerances } = question;
  const [mask, expectedMask] = [maskOf(threshold, actual), maskOf(threshold, expected)];
  const [here, there, ideal] = [sidesOf(actual), sidesOf(expected), sidesOf(reference)];
  if (mask === null || expectedMask === null || here === null || there === null || ideal === null) return null;
  if (!isAlike(actual, expected) || !isAlike(actual, reference)) return null;
  const xAgrees: ElementTest = elementTest(here.x, ideal.x, tolerances.x);
  const thetaAgrees: ElementTest = elementTest(here.theta, ideal.theta, tolerances.theta);

  const examples: MaskFlip[] = [];
  let explained = 0;
  let unexplained = 0;
  for (let flat = 0; flat < mask.data.length; flat += 1) {
    if (mask.data[flat] === expectedMask.data[flat]) continue;
    const [i, j] = [here.broadcast.first(flat), here.broadcast.second(flat)];
    // Where x and θ are such that they decide otherwise, they do not account for the flip, however close they lie.
    const isDecidedByThem =
      firesAt(threshold, here, flat) === (mask.data[flat] === 1) &&
      firesAt(threshold, there, flat) === (expectedMask.data[flat] === 1);
    const isFlushed =
      tolerances.x.denormals === 'flush' &&
      Math.abs(comparedAt(threshold, here, flat) - here.theta.numbers[j]) < here.x.smallestNormal;
    const isExplained = xAgrees(i) && thetaAgrees(j) && (isDecidedByThem || isFlushed);
    if (isExplained) explained += 1;
    else unexplained += 1;
    if (examples.length >= EXAMPLES && isExplained) continue;
    examples.push({
      node: threshold.node.name,
      index: elementIndex(flat, mask.shape),
      x: String(here.x.numbers[i]),
      theta: String(here.theta.numbers[j]),
      expectedX: String(there.x.numbers[i]),
      expectedTheta: String(there.theta.numbers[j]),
      explained: isExplained,
    });
    if (examples.length > 2 * EXAMPLES) examples.splice(0, examples.length, ...mostTelling(examples));
  }
  return { explained, unexplained, examples: mostTelling(examples), note: null };
}

/** The flips of several thresholds together. */
export function joinFlips(parts: readonly MaskFlips[]): MaskFlips {
  const notes = [...new Set(parts.flatMap(({ note }) => (note === null ? [] : [note])))];
  return {
    explained: parts.reduce((sum, part) => sum + part.explained, 0),
    unexplained: parts.reduce((sum, part) => sum + part.unexplained, 0),
    examples: mostTelling(parts.flatMap(({ examples }) => examples)),
    note: notes.length === 0 ? null : notes.join('; '),
  };
}

interface ComparedSides {
  readonly x: FloatElements;
  readonly theta: FloatElements;
  readonly broadcast: Broadcast;
}

function sidesOf({ x, theta }: Operands): ComparedSides | null {
  if (!isFloatDType(x.dtype) || !isFloatDType(theta.dtype)) return null;
  const broadcast = Broadcast.of(x.shape, theta.shape);
  return broadcast === null ? null : { x: floatElements(x), theta: floatElements(theta), broadcast };
}

function isAlike(a: Operands, b: Operands): boolean {
  const same = (p: Tensor, q: Tensor): boolean => p.dtype === q.dtype && String(p.shape) === String(q.shape);
  return same(a.x, b.x) && same(a.theta, b.theta);
}

function mostTelling(examples: readonly MaskFlip[]): readonly MaskFlip[] {
  return examples.toSorted((a, b) => Number(a.explained) - Number(b.explained)).slice(0, EXAMPLES);
}
