/**
 * The sweep: every operator by itself, on every element type, in several forms and on special values, on all backends
 * against each other. What differs is gathered by operator, class of difference and provider, told apart from what the
 * specifications leave open, and made small enough to be reported.
 */
import { join } from 'node:path';
import { encodeModel, type ProbeModel } from '@rheobase/exporter';
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import type { Backend, BackendId } from '@rheobase/runtime';
import { writeBundle } from '../reduce/index.js';
import { describeEnvironment } from '../verify/environment.js';
import { Contender, type Outcome } from './contender.js';
import { DIFFERENCE_KINDS } from './differences.js';
import { bundleOf, findingOf } from './finding.js';
import { seenIn } from './seen-in.js';
import { shrink } from './shrink.js';
import { type Gathering, Sightings } from './sightings.js';
import { type JournalSighting, type OutcomeCounts, SweepJournal, type SweptModel } from './sweep-journal.js';
import { feedsOf, modelOf, type SweepModel, type SweepSelection, sweepModels } from './sweep-models.js';
import type { Finding, SweepReport, SweptBackend } from './sweep-report.js';

export interface SweepOptions extends SweepSelection {
  /** Backends to run on, the baseline among them. They stay the caller's to close. */
  readonly backends: readonly Backend[];
  readonly baseline: BackendId;
  /** Longest that one load or run may take, in ms; default 30,000. */
  readonly timeoutMs?: number;
  /** Folder in which each finding gets one of its own with its bundle; none are written where left out. */
  readonly bundles?: string;
  /**
   * Folder that keeps what the sweep has done. One that has a sweep already goes on where that stopped, also with another
   * selection; the backends must be the same.
   */
  readonly journal?: string;
  /** Ends the sweep after the model that is under way; what was found until then is reported. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SweepProgress) => void;
}

export interface SweepProgress {
  readonly phase: 'sweeping' | 'reducing';
  readonly done: number;
  readonly total: number;
  /** What is next: an operator, or a finding. */
  readonly text: string;
  readonly findings: number;
}

/**
 * One backend by itself is swept for crashes alone.
 * @throws RheobaseError `bad-input` where the selection leaves nothing to sweep, `unavailable` where no backend is there.
 */
export async function sweep(options: SweepOptions): Promise<SweepReport> {
  const models = sweepModels(options);
  if (models.length === 0) {
    throw badInput('there is nothing to sweep', { remedy: 'name other operators, element types, opsets or values' });
  }
  const contest = await contestOf(options);
  const { journal: folder, baseline } = options;
  const journal = folder === undefined ? undefined : SweepJournal.open(folder, baseline, contest.rows());
  const sightings = new Sightings();
  let runs = 0;
  let swept = 0;
  for (const model of models) {
    const known = journal?.sweptModel(model);
    if (known === undefined && options.signal?.aborted) break;
    if (known === undefined) {
      const findings = sightings.gathered().length;
      options.onProgress?.({ phase: 'sweeping', done: swept, total: models.length, text: nameOf(model), findings });
    }
    const built = modelOf(model);
    const result = known ?? (await sweepModel(model, built, contest));
    if (known === undefined) journal?.recordModel(model, result);
    contest.count(result);
    for (const seen of result.seen) sightings.add({ ...seen, model, feeds: feedsOf(model, built, seen.values) });
    runs += result.runs;
    swept += 1;
  }
  const findings = await reduceAll(sightings.gathered(), contest, options, journal);
  await Promise.all(contest.contenders.map((contender) => contender.unload()));
  return {
    schema: 'rheobase/sweep@1',
    environment: contest.environment,
    baseline: options.baseline,
    backends: contest.rows(),
    models: swept,
    runs,
    complete: swept === models.length,
    findings: findings.filter(({ latitude }) => latitude === null),
    allowed: findings.filter(({ latitude }) => latitude !== null),
  };
}

function nameOf({ opType, opset, dtype }: SweepModel): string {
  return `${opType} ${opset} ${dtype ?? ''}`.trim();
}

const NONE: OutcomeCounts = { ran: 0, unsupported: 0, errors: 0, crashed: 0 };

/** Those that take part, the baseline first, and what has become of their runs. */
class Contest {
  readonly environment = describeEnvironment();
  private readonly counts = new Map<BackendId, OutcomeCounts>();

  constructor(
    readonly contenders: readonly Contender[],
    private readonly told: readonly Omit<SweptBackend, keyof OutcomeCounts>[],
  ) {}

  count({ counts }: SweptModel): void {
    for (const [id, added] of Object.entries(counts)) {
      this.counts.set(id, sumOf(this.counts.get(id) ?? NONE, added));
    }
  }

  rows(): readonly SweptBackend[] {
    return this.told.map((row) => ({ ...row, ...(this.counts.get(row.id) ?? NONE) }));
  }

  contender(id: BackendId): Contender {
    const found = this.contenders.find((contender) => contender.id === id);
    if (found === undefined) throw new Error(`${id} takes no part in this sweep`);
    return found;
  }
}

async function contestOf({ backends, baseline, timeoutMs = 30_000 }: SweepOptions): Promise<Contest> {
  const inOrder = [...backends].sort((a, b) => Number(b.id === baseline) - Number(a.id === baseline));
  const told: Omit<SweptBackend, keyof OutcomeCounts>[] = [];
  const contenders: Contender[] = [];
  for (const backend of inOrder) {
    const availability = await backend.probe();
    if (availability.available) {
      const { runtimeVersion, implementation, device, software } = availability;
      told.push({ id: backend.id, status: 'ran', reason: null, runtimeVersion, implementation, device, software });
      contenders.push(new Contender(backend, timeoutMs));
    } else {
      const nothing = { runtimeVersion: null, implementation: null, device: null, software: false };
      told.push({ id: backend.id, status: 'unavailable', reason: availability.reason, ...nothing });
    }
  }
  if (contenders.length === 0) {
    throw new RheobaseError('unavailable', 'none of the backends is here', { remedy: 'see rheobase doctor' });
  }
  return new Contest(contenders, told);
}

/** Runs all values of one model on all backends. */
async function sweepModel(model: SweepModel, built: ProbeModel, { contenders }: Contest): Promise<SweptModel> {
  const bytes = encodeModel(built.model);
  await Promise.all(contenders.map((contender) => contender.load(bytes)));
  const counts: Record<BackendId, OutcomeCounts> = {};
  const seen: JournalSighting[] = [];
  for (const values of model.values) {
    const feeds = feedsOf(model, built, values);
    const outcomes = await Promise.all(
      contenders.map(async (contender) => ({ id: contender.id, outcome: await contender.run(feeds) })),
    );
    for (const { id, outcome } of outcomes) counts[id] = sumOf(counts[id] ?? NONE, countOf(outcome));
    for (const { reference, backend, difference } of seenIn({ model, values, feeds, outcomes })) {
      seen.push({ values, reference, backend, difference });
    }
  }
  return { runs: model.values.length, counts, seen };
}

function countOf({ status }: Outcome): OutcomeCounts {
  if (status === 'ran' || status === 'unsupported') return { ...NONE, [status]: 1 };
  return status === 'error' ? { ...NONE, errors: 1 } : { ...NONE, crashed: 1 };
}

function sumOf(a: OutcomeCounts, b: OutcomeCounts): OutcomeCounts {
  return {
    ran: a.ran + b.ran,
    unsupported: a.unsupported + b.unsupported,
    errors: a.errors + b.errors,
    crashed: a.crashed + b.crashed,
  };
}

async function reduceAll(
  gathered: readonly Gathering[],
  contest: Contest,
  { bundles, onProgress, signal }: SweepOptions,
  journal: SweepJournal | undefined,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const gathering of gathered) {
    const text = gathering.key;
    onProgress?.({ phase: 'reducing', done: findings.length, total: gathered.length, text, findings: gathered.length });
    const { key, occurrences, plainest } = gathering;
    const known = journal?.reduced(key, occurrences);
    // What is kept is brought down when the sweep goes on.
    const isLeft = known === undefined && journal !== undefined && signal?.aborted === true;
    const finding = isLeft
      ? findingOf(gathering, plainest, null)
      : (known ?? (await reduceOne(gathering, contest, bundles)));
    if (known === undefined && !isLeft) journal?.recordFinding(key, occurrences, finding);
    findings.push(finding);
  }
  const severity = ({ kind }: Finding): number => DIFFERENCE_KINDS.indexOf(kind);
  return findings.sort((a, b) => severity(a) - severity(b) || a.operator.localeCompare(b.operator, 'en'));
}

/** What does not show a second time is reported as it was seen, and has no bundle. */
async function reduceOne(gathering: Gathering, contest: Contest, bundles: string | undefined): Promise<Finding> {
  const { plainest, key } = gathering;
  if (plainest.difference.latitude !== null) return findingOf(gathering, plainest, null);
  const pair = { reference: contest.contender(plainest.reference), backend: contest.contender(plainest.backend) };
  const shrunk = await shrink(plainest, pair);
  if (shrunk === null || bundles === undefined) return findingOf(gathering, shrunk?.sighting ?? plainest, null);
  const folder = join(bundles, key.toLowerCase());
  const finding = findingOf(gathering, shrunk.sighting, folder);
  const { environment } = contest;
  await writeBundle(folder, bundleOf({ shrunk, finding, backends: contest.rows(), environment }));
  return finding;
}
