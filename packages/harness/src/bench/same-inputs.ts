/** Two models can be timed against each other only on the same feeds, so they must take the same inputs. */
import { badInput, modelInfo, type Shape, type ValueSummary } from '@rheobase/exporter';
import type { ModelUnderTest } from '../verify/model-under-test.js';

/**
 * Names, element types, ranks and fixed extents must be the same; a dimension that either leaves open fits any.
 * @throws RheobaseError `bad-input` that names the first input that differs, and how.
 */
export function requireSameInputs(a: ModelUnderTest, b: ModelUnderTest): void {
  const [ofA, ofB] = [modelInfo(a.model).inputs, modelInfo(b.model).inputs];
  requireAllOf(ofA, a, ofB, b);
  requireAllOf(ofB, b, ofA, a);
  for (const one of ofA) {
    const other = ofB.find(({ name }) => name === one.name);
    if (other !== undefined && !fits(one, other)) {
      throw badInput(`is ${typeText(one)} in ${a.row.path} and ${typeText(other)} in ${b.row.path}`, {
        where: `input ${one.name}`,
        remedy: 'only models with the same inputs can be timed against each other',
      });
    }
  }
}

function requireAllOf(
  inputs: readonly ValueSummary[],
  owner: ModelUnderTest,
  others: readonly ValueSummary[],
  other: ModelUnderTest,
): void {
  const missing = inputs.find(({ name }) => others.every((candidate) => candidate.name !== name));
  if (missing === undefined) return;
  const names = others.map(({ name }) => name).join(', ');
  throw badInput(`${owner.row.path} has it, ${other.row.path} has not`, {
    where: `input ${missing.name}`,
    remedy: `only models with the same inputs can be timed against each other; the latter has ${names || 'none'}`,
  });
}

function fits(a: ValueSummary, b: ValueSummary): boolean {
  return a.type.kind === b.type.kind && a.dtype === b.dtype && shapesFit(a.shape, b.shape);
}

function shapesFit(a: Shape, b: Shape): boolean {
  if (a === null || b === null) return true;
  return a.length === b.length && a.every((dim, axis) => dim === b[axis] || isOpen(dim) || isOpen(b[axis]));
}

function isOpen(dim: number | string | null | undefined): boolean {
  return typeof dim !== 'number';
}

function typeText({ dtype, type, shape }: ValueSummary): string {
  const shapeText = shape === null ? 'of any shape' : `[${shape.map((dim) => dim ?? '?').join(', ')}]`;
  return `${dtype ?? type.kind} ${shapeText}`;
}
