/** What differs among the outcomes of one run. */
import type { DType } from '@rheobase/exporter/tensor';
import type { BackendId, Feeds } from '@rheobase/runtime';
import { floatElements, isFloatDType } from '../comparison/float-format.js';
import type { WorstElement } from '../comparison/index.js';
import type { Outcome } from './contender.js';
import { type DifferenceKind, differencesOf } from './differences.js';
import { elementInputs } from './element-inputs.js';
import { type Latitude, latitudeOf } from './latitude.js';
import { isRandom } from './random-operators.js';
import type { SeenDifference, Sighting } from './sightings.js';
import type { SweepModel } from './sweep-models.js';
import type { ValueClass } from './values.js';

export interface SweptRun {
  readonly model: SweepModel;
  readonly values: ValueClass;
  readonly feeds: Feeds;
  /** The baseline's first. */
  readonly outcomes: readonly { readonly id: BackendId; readonly outcome: Outcome }[];
}

/**
 * The first backend that runs the model is what the others are held against. Where none does, a refusal says only that
 * the model is wrong; a crash or a hang is always one too many.
 */
export function seenIn({ model, values, feeds, outcomes }: SweptRun): readonly Sighting[] {
  const reference = outcomes.find(({ outcome }) => outcome.status === 'ran') ?? null;
  return outcomes.flatMap(({ id: backend, outcome }): Sighting[] => {
    if (backend === reference?.id) return [];
    const place = { model, values, feeds, reference: reference?.id ?? backend, backend };
    return seenBetween(place, outcome, reference?.outcome ?? null).map((difference) => ({ ...place, difference }));
  });
}

/** What differs between one outcome and that of the reference, null where no backend runs the model. */
export function seenBetween(
  place: Omit<Sighting, 'difference'>,
  actual: Outcome,
  expected: Outcome | null,
): readonly SeenDifference[] {
  const { model, backend, reference } = place;
  const latitudeAt = latitudesOf(place);
  switch (actual.status) {
    case 'unsupported':
    case 'skipped':
      return [];
    case 'crash':
    case 'hang':
    case 'error': {
      if (actual.status === 'error' && expected === null) return [];
      return [{ kind: actual.status, text: actual.reason, latitude: latitudeAt(actual.status, null, null) }];
    }
    case 'ran': {
      if (expected?.status !== 'ran') return [];
      const { elementwise, opType } = model;
      const subject = { backend, reference, elementwise, random: isRandom(opType) };
      return differencesOf(actual.outputs, expected.outputs, subject, latitudeAt);
    }
  }
}

function latitudesOf({ model, values, feeds, reference, backend }: Omit<Sighting, 'difference'>) {
  return (kind: DifferenceKind, to: DType | null, element: WorstElement | null): Latitude | null => {
    const { opType, elementwise, dtype } = model;
    const inputs = elementwise && element !== null ? numbersOf(elementInputs(feeds, element.index)) : null;
    return latitudeOf({ opType, kind, backend, reference, values, from: dtype ?? 'float32', to, inputs });
  };
}

function numbersOf(feeds: Feeds): readonly number[] {
  return Object.values(feeds).flatMap((tensor) =>
    isFloatDType(tensor.dtype)
      ? Array.from(floatElements(tensor).numbers)
      : Array.from(tensor.data as ArrayLike<unknown>, Number),
  );
}
