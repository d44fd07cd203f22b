/**
 * Two models against each other on each backend: the same feeds, both loaded side by side, rounds interleaved in an
 * order drawn anew, so that whatever slows the machine falls on both alike. Both are loaded anew several times, the one
 * and the other first by turns, because what a launch happens to give lasts as long as it does. Backends take turns and
 * never share the machine. Nothing is compared but time; whether outputs agree is what `verify` tells.
 */
import { badInput, RheobaseError } from '@rheobase/exporter/errors';
import type { Availability, Backend, BackendId, SessionOptions } from '@rheobase/runtime';
import { type CaseSource, checkFeeds, seededCases } from '../cases/index.js';
import type { TimingMode } from '../timing/index.js';
import { Contender } from '../verify/contender.js';
import { describeEnvironment } from '../verify/environment.js';
import { type ModelUnderTest, readModel } from '../verify/model-under-test.js';
import type { NamedModel } from '../verify/options.js';
import type { BenchBackend, BenchFailure, BenchReport, BenchRow } from './bench-report.js';
import { Launches } from './launches.js';
import { Pair, type Side, SideFailure } from './pair.js';
import { requireSameInputs } from './same-inputs.js';

export interface BenchOptions {
  readonly a: string | NamedModel;
  readonly b: string | NamedModel;
  /** They stay the caller's to close. */
  readonly backends: readonly Backend[];
  /** Backends whose absence `benchExitCode` tells. */
  readonly require?: readonly BackendId[];
  /** Asked with model A, for every backend and number of threads anew; default one seeded case. */
  readonly cases?: CaseSource;
  /** What times tell: how long a run takes, or how many a second are done back to back. Default `latency`. */
  readonly mode?: TimingMode;
  /** Warm samples of each case and model, at least, over all launches. Default 30. */
  readonly runs?: number;
  /** How often both models are loaded anew; one says nothing of what a launch happens to give. Default 6. */
  readonly launches?: number;
  /** Intra-op threads; each number is timed by itself. Default: the runtime's own choice. */
  readonly threads?: readonly number[];
  /** Of ONNX Runtime's graph; and with `outputs: 'device'` times leave out bringing outputs back from a GPU. */
  readonly session?: Pick<SessionOptions, 'optimization' | 'outputs'>;
  /** Seeds the order within rounds, the bootstrap, and the default case. Default 0. */
  readonly seed?: number;
  /** Longest single load or run. Default 120,000 ms. */
  readonly timeoutMs?: number;
  readonly onEvent?: (event: BenchEvent) => void;
}

export type BenchEvent =
  | { readonly kind: 'probed'; readonly backend: BackendId; readonly availability: Availability }
  | { readonly kind: 'loading'; readonly backend: BackendId; readonly threads: number | null }
  | {
      readonly kind: 'timing';
      readonly backend: BackendId;
      readonly threads: number | null;
      readonly case: string;
      readonly round: number;
      readonly rounds: number;
    }
  | ({ readonly kind: 'failed' } & BenchFailure);

/**
 * @throws RheobaseError `bad-input` for a model that cannot be read, models that do not take the same inputs, and cases
 *   that do not fit them. What goes wrong on a backend is no error but a row of `failures`.
 */
export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { backends, seed = 0, threads = [], onEvent = () => {} } = options;
  const models = { a: await readModel(options.a), b: await readModel(options.b) };
  requireSameInputs(models.a, models.b);
  checkBackends(options);
  const cases = options.cases ?? ((model) => seededCases(model, { seed }));
  await checkFirstCase(models, cases);

  const contenders: Contender[] = [];
  for (const backend of backends) {
    const contender = await Contender.probe(backend, options.require?.includes(backend.id) ?? false);
    onEvent({ kind: 'probed', backend: backend.id, availability: contender.availability });
    contenders.push(contender);
  }

  const results: BenchRow[] = [];
  const failures: BenchFailure[] = [];
  for (const contender of contenders.filter(({ available }) => available)) {
    for (const count of threads.length === 0 ? [null] : threads) {
      const outcome = await benchOn(contender, count, models, { ...options, cases });
      results.push(...outcome.results);
      failures.push(...outcome.failures);
    }
  }
  return {
    schema: 'rheobase/bench@1',
    models: [models.a.row.path, models.b.row.path],
    results,
    failures,
    backends: contenders.map(backendRow),
    environment: describeEnvironment(),
  };
}

/**
 * 0 when there are times for every backend that is there; 3 when one failed, a required one is missing, or nothing at
 * all was timed.
 */
export function benchExitCode({ results, failures, backends }: BenchReport): 0 | 3 {
  const isMissing = backends.some(({ required, status }) => required && status !== 'ran');
  return failures.length > 0 || isMissing || results.length === 0 ? 3 : 0;
}

type Models = Readonly<Record<Side, ModelUnderTest>>;

/** All cases on one backend with one number of threads. */
async function benchOn(
  contender: Contender,
  threads: number | null,
  models: Models,
  options: BenchOptions & { readonly cases: CaseSource },
): Promise<Pick<BenchReport, 'results' | 'failures'>> {
  const { cases, mode = 'latency', runs = 30, launches = DEFAULT_LAUNCHES, seed = 0, timeoutMs } = options;
  const { session = {}, onEvent = () => {} } = options;
  const { availability } = contender;
  const clockResolutionMs = availability.available ? availability.clockResolutionMs : undefined;
  const place = { backend: contender.id, threads };
  const timings = new Launches(seed);
  const failures: BenchFailure[] = [];
  const fail = ({ side, error }: SideFailure, caseName: string | null): void => {
    const failure = { ...place, case: caseName, ...failureOf(contender, models[side].row.path, error) };
    failures.push(failure);
    onEvent({ kind: 'failed', ...failure });
  };

  onEvent({ kind: 'loading', ...place });
  for (let launch = 0; launch < launches && failures.length === 0; launch += 1) {
    const first: Side = launch % 2 === 0 ? 'a' : 'b';
    const pair = await Pair.open(contender.backend, models, first, sessionOptions(threads, timeoutMs, session));
    if (pair instanceof SideFailure) {
      fail(pair, null);
      break;
    }
    const loadMs = { a: pair.loadMs('a'), b: pair.loadMs('b') };
    try {
      for await (const one of cases(models.a.model, (feeds) => pair.accepts(feeds))) {
        checkCase(models, one);
        const timed = await pair.time(one, {
          mode,
          clockResolutionMs,
          runs: Math.ceil(runs / launches),
          seed: seed + launch,
          budgetMs: BUDGET_MS / launches,
          onRound: (round, rounds) =>
            onEvent({
              kind: 'timing',
              ...place,
              case: one.name,
              round: launch * rounds + round,
              rounds: launches * rounds,
            }),
        });
        if ('a' in timed) timings.add(one.name, { ...timed, loadMs });
        else {
          timings.drop(one.name);
          for (const failure of timed) fail(failure, one.name);
        }
        // A process that ended took both sessions with it.
        if (failures.some(({ code }) => code === 'crashed' || code === 'timeout')) break;
      }
    } finally {
      await pair.close();
    }
  }
  return { results: timings.rows({ ...place, mode, outputs: session.outputs ?? 'host' }), failures };
}

const DEFAULT_LAUNCHES = 6;

/** Time in ms that a model should take on a backend, over all launches of a case. */
const BUDGET_MS = 10_000;

function sessionOptions(
  threads: number | null,
  timeoutMs: number | undefined,
  session: BenchOptions['session'],
): SessionOptions {
  return { ...session, ...(threads === null ? {} : { threads }), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}

function failureOf(
  contender: Contender,
  model: string,
  error: unknown,
): Pick<BenchFailure, 'model' | 'code' | 'reason'> {
  const { code } = contender.fail(model, error);
  return { model, code, reason: error instanceof Error ? error.message : String(error) };
}

function backendRow(contender: Contender): BenchBackend {
  const { id, status, reason, required, runtimeVersion, implementation, device, software, clockResolutionMs } =
    contender.row(2);
  return {
    id,
    status,
    reason,
    required,
    runtimeVersion,
    implementation,
    device,
    software,
    clockResolutionMs: clockResolutionMs ?? null,
  };
}

/** Starting the backends takes seconds; a case that cannot be fed is told before. */
async function checkFirstCase(models: Models, cases: CaseSource): Promise<void> {
  for await (const first of cases(models.a.model)) {
    checkCase(models, first);
    return;
  }
}

function checkCase({ a, b }: Models, one: Parameters<typeof checkFeeds>[1]): void {
  for (const { model, row } of [a, b]) {
    try {
      checkFeeds(model, one);
    } catch (error) {
      throw error instanceof RheobaseError ? error.within(row.path) : error;
    }
  }
}

function checkBackends({ backends, require: required = [] }: BenchOptions): void {
  const ids = backends.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw badInput('is given twice', { where: `backend ${twice}` });
  const absent = required.find((id) => !ids.includes(id));
  if (absent !== undefined) {
    throw badInput('is not among the backends', {
      where: `required backend ${absent}`,
      remedy: `these are ${ids.join(', ')}`,
    });
  }
}
