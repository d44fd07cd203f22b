/** Single differences gathered into findings: one for each operator, class of difference and provider. */
import type { DType } from '@rheobase/exporter/tensor';
import type { BackendId, Feeds } from '@rheobase/runtime';
import type { DifferenceKind, OutputDifference } from './differences.js';
import type { Latitude } from './latitude.js';
import type { SweepModel } from './sweep-models.js';
import { VALUE_CLASSES, type ValueClass } from './values.js';

/** What was seen on one backend in one run. */
export interface Sighting {
  readonly model: SweepModel;
  readonly values: ValueClass;
  readonly feeds: Feeds;
  /** The backend it is held against; the same one where no other runs the model. */
  readonly reference: BackendId;
  readonly backend: BackendId;
  readonly difference: SeenDifference;
}

export type SeenDifference =
  | OutputDifference
  | {
      readonly kind: Extract<DifferenceKind, 'crash' | 'hang' | 'error'>;
      readonly text: string;
      readonly latitude: Latitude | null;
    };

/** Everything seen of one finding, with the plainest sighting to show it by. */
export interface Gathering {
  readonly key: string;
  plainest: Sighting;
  occurrences: number;
  readonly backends: Set<BackendId>;
  readonly dtypes: Set<DType | null>;
  readonly opsets: Set<number>;
  readonly values: Set<ValueClass>;
  readonly forms: Set<string>;
}

const MOST_FORMS = 10;

export class Sightings {
  private readonly byKey = new Map<string, Gathering>();

  add(sighting: Sighting): void {
    const key = keyOf(sighting);
    const gathering = this.byKey.get(key) ?? emptyGathering(key, sighting);
    this.byKey.set(key, gathering);
    gathering.occurrences += 1;
    gathering.backends.add(sighting.backend);
    gathering.dtypes.add(sighting.model.dtype);
    gathering.opsets.add(sighting.model.opset);
    gathering.values.add(sighting.values);
    if (gathering.forms.size < MOST_FORMS) gathering.forms.add(sighting.model.source);
    if (complexityOf(sighting) < complexityOf(gathering.plainest)) gathering.plainest = sighting;
  }

  gathered(): readonly Gathering[] {
    return [...this.byKey.values()];
  }
}

function emptyGathering(key: string, plainest: Sighting): Gathering {
  return {
    key,
    plainest,
    occurrences: 0,
    backends: new Set(),
    dtypes: new Set(),
    opsets: new Set(),
    values: new Set(),
    forms: new Set(),
  };
}

/** `node/wasm` and `chromium/wasm` are the same kernels. */
function keyOf({ model, backend, difference }: Sighting): string {
  const { latitude } = difference;
  const provider = backend.split('/')[1] ?? backend;
  const parts = [model.opType, difference.kind, provider, ...(latitude === null ? [] : [latitude.name])];
  return parts.join('-').replaceAll(' ', '-');
}

/** What a reader would rather see: ordinary numbers, float32, few elements, an element to point at. */
function complexityOf({ model, values, feeds, difference }: Sighting): number {
  const elements = Object.values(feeds).reduce((sum, { data }) => sum + data.length, 0);
  const pointless = 'worst' in difference && difference.worst === null && difference.text === null;
  const plainType = model.dtype === null || model.dtype === 'float32' || model.dtype === 'int32';
  return (pointless ? 1e9 : 0) + VALUE_CLASSES.indexOf(values) * 1e6 + (plainType ? 0 : 1e5) + Math.min(elements, 9e4);
}
