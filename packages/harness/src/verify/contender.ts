/** A backend in a verification: what its probe found, and whatever has gone wrong since. */
import { fromPlainError, type PlainError, RheobaseError, toPlainError } from '@rheobase/exporter/errors';
import type { Availability, Available, Backend, BackendId, Unavailable } from '@rheobase/runtime';
import type { BackendRow, PlacementRow } from '../report/verify-report.js';
import { arithmeticOf } from '../tolerances/index.js';
import type { ModelUnderTest } from './model-under-test.js';
import { providersOf } from './providers.js';

interface Failure {
  readonly model: string;
  readonly error: PlainError;
}

export interface Placement {
  readonly model: string;
  /** Undefined where it is not known; empty where no node runs. */
  readonly rows?: readonly PlacementRow[];
  readonly note: string | null;
}

export class Contender {
  private readonly failures: Failure[] = [];
  private readonly placements: Placement[] = [];

  private constructor(
    readonly id: BackendId,
    readonly backend: Backend,
    readonly availability: Availability,
    private readonly required: boolean,
    /** The model that this side runs, where that is not the one under test. */
    readonly subject?: ModelUnderTest,
  ) {}

  static async probe(backend: Backend, required: boolean): Promise<Contender> {
    return new Contender(backend.id, backend, await backend.probe(), required);
  }

  /** The same backend as another side, which runs a reference model. */
  running(subject: ModelUnderTest): Contender {
    return new Contender(`reference:${this.id}`, this.backend, this.availability, false, subject);
  }

  /** Whether both run the same code on the same processor, so that nothing may differ. GPUs schedule as they please. */
  runsSameCodeAs(other: Contender): boolean {
    const [a, b] = [this.availability, other.availability];
    if (!a.available || !b.available || arithmeticOf(this.id) !== 'cpu' || arithmeticOf(other.id) !== 'cpu')
      return false;
    const codeOf = ({ runtimeVersion, implementation, device, versions }: Available): string =>
      JSON.stringify([runtimeVersion, implementation, device, versions ?? {}]);
    return codeOf(a) === codeOf(b);
  }

  get available(): boolean {
    return this.availability.available;
  }

  /** Whether it is a GPU provider that computes on the processor. */
  get isSoftware(): boolean {
    return this.availability.available && this.availability.software;
  }

  /** Records that the backend could not do its part for a model; it may still do so for others. */
  fail(model: string, error: unknown): PlainError {
    const plain = toPlainError(error);
    this.failures.push({ model, error: plain });
    return plain;
  }

  hasFailedOn(model: string): boolean {
    return this.failures.some((failure) => failure.model === model);
  }

  /** What went wrong first, undefined where nothing did. */
  firstFailure(): RheobaseError | undefined {
    const error = this.failures[0]?.error;
    return error === undefined ? undefined : fromPlainError(error).within('the reference model');
  }

  addPlacement(placement: Placement): void {
    this.placements.push(placement);
  }

  /** `models`: how many were verified; with one, its name need not be told with a failure. */
  row(models: number): BackendRow {
    const { availability } = this;
    const placement = this.placements.flatMap(({ rows = [] }) => rows);
    const notes = [...new Set(this.placements.flatMap(({ note }) => (note === null ? [] : [note])))];
    const own = providersOf(this.id);
    return {
      id: this.id,
      status: this.status,
      reason: availability.available ? this.failureReason(models) : absenceReason(availability),
      failures: this.failures.map(({ model, error }) => ({
        model,
        code: error.code,
        reason: `${error.code}: ${messageOf(error)}`,
      })),
      required: this.required,
      runtimeVersion: availability.available ? availability.runtimeVersion : null,
      implementation: availability.available ? availability.implementation : null,
      device: availability.available ? availability.device : null,
      software: availability.available && availability.software,
      clockResolutionMs: availability.available ? (availability.clockResolutionMs ?? null) : null,
      placement,
      unplaced: this.placements.flatMap(({ model, rows }) => (rows === undefined ? [model] : [])),
      placementNote: notes.length === 0 ? null : notes.join('; '),
      fallbacks: own === null ? 0 : placement.filter(({ provider }) => !own.includes(provider)).length,
    };
  }

  /** Absence is no failure; being there and not answering is. */
  private get status(): BackendRow['status'] {
    const { availability } = this;
    if (!availability.available) return availability.timedOut === true ? 'failed' : 'unavailable';
    return this.failures.length > 0 ? 'failed' : 'ran';
  }

  private failureReason(models: number): string | null {
    const [first, ...others] = this.failures;
    if (first === undefined) return null;
    const place = models > 1 ? `${first.model}: ` : '';
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    return `${first.error.code}: ${place}${messageOf(first.error)}${more}`;
  }
}

function messageOf({ code, what, where, remedy }: PlainError): string {
  return new RheobaseError(code, what, {
    ...(where === undefined ? {} : { where }),
    ...(remedy === undefined ? {} : { remedy }),
  }).message;
}

function absenceReason({ reason, remedy, timedOut }: Unavailable): string {
  return `${timedOut === true ? 'timeout: ' : ''}${reason}${remedy === null ? '' : `; ${remedy}`}`;
}
