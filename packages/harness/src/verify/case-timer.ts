/** Decides which cases are timed, times them on all backends in interleaved rounds, and makes the rows of the report. */
import type { BackendId, RunResult } from '@rheobase/runtime';
import type { Case } from '../cases/index.js';
import type { TimingRow } from '../report/verify-report.js';
import {
  type Interval,
  interleavedRounds,
  median,
  perSecond,
  type Rounds,
  ratioInterval,
  summarizeTiming,
  type TimedSubject,
  withLaunchLuck,
} from '../timing/index.js';
import type { ActiveSessions } from './active-sessions.js';
import type { ModelContext } from './context.js';

type Timed = Pick<TimedSubject, 'rounds' | 'runsPerSample'>;

/** Each backend has loaded the model once: what that gave it by chance is part of the interval. */
function ratioOfLaunches(rounds: Rounds, reference: Timed, seed: number): Interval | null {
  const ratio = ratioInterval(rounds, reference.rounds, { seed });
  return ratio === null
    ? null
    : withLaunchLuck(ratio, Math.min(median(rounds.flat()), median(reference.rounds.flat())));
}

const UNTIMED: Timed = { rounds: [], runsPerSample: 1 };

export class CaseTimer {
  private readonly seenShapes = new Set<string>();

  constructor(
    private readonly context: ModelContext,
    private readonly sessions: ActiveSessions,
  ) {}

  /** Whether this case is one to be timed. To be asked once per case, in order. */
  wants({ feeds }: Case): boolean {
    const shapes = JSON.stringify(Object.entries(feeds).map(([name, { shape }]) => [name, shape]));
    const isFirst = this.seenShapes.size === 0;
    const isNew = !this.seenShapes.has(shapes);
    this.seenShapes.add(shapes);
    const { which } = this.context.timing;
    return which === 'all' || (which === 'first' ? isFirst : isNew);
  }

  /** `results` are the runs that were just compared: each backend's first with this case. */
  async time(one: Case, results: ReadonlyMap<BackendId, RunResult>): Promise<readonly TimingRow[]> {
    const timed = await this.takeRounds(one);
    const baseline = timed.get(this.context.baseline) ?? UNTIMED;
    return [...results].map(([backend, { ms }]) => this.row(one, backend, ms, timed.get(backend) ?? UNTIMED, baseline));
  }

  private async takeRounds(one: Case): Promise<ReadonlyMap<string, TimedSubject>> {
    const { timing, seed, subject, emit } = this.context;
    if (timing.runs === 0 || !this.sessions.canBeTimed) return new Map();
    const timeable = this.sessions.ids.filter((id) => !timing.untimed.includes(id));
    const subjects = timeable.map((id) => ({
      id,
      clockResolutionMs: this.clockResolutionMs(id),
      time: (samples: number, runsPerSample: number) =>
        this.sessions.use(id, (session) => session.time(one.feeds, samples, runsPerSample)),
    }));
    return interleavedRounds(subjects, {
      mode: timing.mode,
      runs: timing.runs,
      budgetMs: timing.budgetMs,
      seed,
      onRound: (round, rounds) => emit({ kind: 'timing', model: subject.row.path, case: one.name, round, rounds }),
    });
  }

  private clockResolutionMs(id: BackendId): number | undefined {
    const availability = this.context.contenders.find((contender) => contender.id === id)?.availability;
    return availability?.available === true ? availability.clockResolutionMs : undefined;
  }

  private row(one: Case, backend: BackendId, firstRunMs: number, timed: Timed, reference: Timed): TimingRow {
    const { baseline, seed, subject, timing } = this.context;
    const { rounds, runsPerSample } = timed;
    const summary = summarizeTiming(rounds, { seed });
    const same: Interval = { median: 1, ciLow: 1, ciHigh: 1 };
    const ratio = summary === null ? null : backend === baseline ? same : ratioOfLaunches(rounds, reference, seed);
    return {
      model: subject.row.path,
      backend,
      case: one.name,
      loadMs: this.sessions.loadMs(backend),
      firstRunMs,
      mode: timing.mode,
      outputs: this.context.session.outputs ?? 'host',
      runs: (summary?.runs ?? 0) * runsPerSample,
      runsPerSample,
      runsPerSecond: timing.mode === 'throughput' && summary !== null ? perSecond(summary) : null,
      medianMs: summary?.medianMs ?? null,
      ciLowMs: summary?.ciLowMs ?? null,
      ciHighMs: summary?.ciHighMs ?? null,
      p90Ms: summary?.p90Ms ?? null,
      p99Ms: summary?.p99Ms ?? null,
      ratioToBaseline: ratio,
    };
  }
}
