/**
 * Measures of two tensors as whole vectors, over the places where both are finite. Sums are taken in doubles; doubles
 * are first scaled by a power of two to about ±1, so that their squares neither overflow nor vanish (the idea of
 * the BLAS routine nrm2). The squares of narrower formats fit a double as they are.
 */
import type { Numbers } from './comparison.js';

export interface Similarity {
  readonly sqnrDb: number | null;
  readonly cosine: number | null;
}

export function similarityOf(actual: Numbers, expected: Numbers): Similarity {
  const actualScale = scaleOf(actual);
  const expectedScale = scaleOf(expected);
  const scale = Math.min(actualScale, expectedScale);
  let signal = 0;
  let noise = 0;
  let actualEnergy = 0;
  let expectedEnergy = 0;
  let dot = 0;
  let pairs = 0;
  for (let i = 0; i < expected.length; i += 1) {
    const difference = actual[i] * scale - expected[i] * scale;
    // False where either side is an infinity or NaN.
    if (!(Math.abs(difference) < Infinity)) continue;
    const a = actual[i] * actualScale;
    const e = expected[i] * expectedScale;
    const s = expected[i] * scale;
    pairs += 1;
    actualEnergy += a * a;
    expectedEnergy += e * e;
    dot += a * e;
    signal += s * s;
    noise += difference * difference;
  }
  if (pairs === 0) return { sqnrDb: null, cosine: null };
  return { sqnrDb: decibels(signal, noise), cosine: cosineOf(dot, actualEnergy, expectedEnergy) };
}

/** A power of two that brings the largest double to between 1 and 2, as far as one exists; 1 for narrower formats. */
function scaleOf(numbers: Numbers): number {
  if (numbers instanceof Float32Array) return 1;
  const largest = largestMagnitude(numbers);
  return largest === 0 ? 1 : 2 ** Math.min(1023, -Math.floor(Math.log2(largest)));
}

/** The largest magnitude among the finite elements, 0 where there is none. */
export function largestMagnitude(numbers: Numbers): number {
  let largest = 0;
  for (let i = 0; i < numbers.length; i += 1) {
    const magnitude = Math.abs(numbers[i]);
    if (magnitude > largest && magnitude < Infinity) largest = magnitude;
  }
  return largest;
}

function decibels(signal: number, noise: number): number | null {
  if (signal === 0 || noise === 0) return null;
  const ratio = 10 * Math.log10(signal / noise);
  return Number.isFinite(ratio) ? ratio : null;
}

function cosineOf(dot: number, actualEnergy: number, expectedEnergy: number): number {
  if (actualEnergy === 0 && expectedEnergy === 0) return 1;
  if (actualEnergy === 0 || expectedEnergy === 0) return 0;
  return Math.max(-1, Math.min(1, dot / (Math.sqrt(actualEnergy) * Math.sqrt(expectedEnergy))));
}
