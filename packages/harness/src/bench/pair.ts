/** Models A and B loaded side by side on one backend, and one case timed on both. */
import type { Backend, Feeds, Session, SessionOptions } from '@rheobase/runtime';
import type { Case } from '../cases/index.js';
import { interleavedRounds, type Launch, type TimingMode } from '../timing/index.js';
import type { ModelUnderTest } from '../verify/model-under-test.js';

export type Side = 'a' | 'b';

/** What went wrong, and with which of the two models. */
export class SideFailure {
  constructor(
    readonly side: Side,
    readonly error: unknown,
  ) {}
}

export interface PairTimingOptions {
  readonly mode: TimingMode;
  /** The smallest step in ms of the clock that the backend reads, where it tells. */
  readonly clockResolutionMs: number | undefined;
  readonly runs: number;
  readonly seed: number;
  /** Time in ms that a side should take. */
  readonly budgetMs: number;
  readonly onRound: (round: number, rounds: number) => void;
}

/** Both sides' rounds, and the runs that each time in them is the mean of. */
export interface TimedPair extends Launch {
  readonly runsPerSample: Readonly<Record<Side, number>>;
}

export class Pair {
  private constructor(private readonly sessions: Readonly<Record<Side, Session>>) {}

  /** Loads `first` first. Answers a `SideFailure` where one of them does not load. */
  static async open(
    backend: Backend,
    models: Readonly<Record<Side, ModelUnderTest>>,
    first: Side,
    options: SessionOptions,
  ): Promise<Pair | SideFailure> {
    const open = async (side: Side): Promise<Session | SideFailure> => {
      try {
        return await backend.open(models[side].source, options);
      } catch (error) {
        return new SideFailure(side, error);
      }
    };
    const one = await open(first);
    if (one instanceof SideFailure) return one;
    const other = await open(first === 'a' ? 'b' : 'a');
    if (!(other instanceof SideFailure)) return new Pair(first === 'a' ? { a: one, b: other } : { a: other, b: one });
    await one.close().catch(() => {});
    return other;
  }

  loadMs(side: Side): number {
    return this.sessions[side].loadMs;
  }

  /** Whether both run on such feeds. */
  async accepts(feeds: Feeds): Promise<boolean> {
    try {
      await this.sessions.a.run(feeds);
      await this.sessions.b.run(feeds);
      return true;
    } catch {
      return false;
    }
  }

  /** Times both in the same rounds, in an order drawn anew for each. */
  async time(
    { feeds }: Case,
    { clockResolutionMs, ...options }: PairTimingOptions,
  ): Promise<TimedPair | readonly SideFailure[]> {
    const subjects = (['a', 'b'] as const).map((side) => ({
      id: side,
      clockResolutionMs,
      time: (samples: number, runsPerSample: number) => this.sessions[side].time(feeds, samples, runsPerSample),
    }));
    const timed = await interleavedRounds(subjects, options);
    const failures = (['a', 'b'] as const).flatMap((side) => {
      const failure = timed.get(side)?.failure ?? null;
      return failure === null ? [] : [new SideFailure(side, failure.error)];
    });
    if (failures.length > 0) return failures;
    const [a, b] = [timed.get('a'), timed.get('b')];
    return {
      a: a?.rounds ?? [],
      b: b?.rounds ?? [],
      runsPerSample: { a: a?.runsPerSample ?? 1, b: b?.runsPerSample ?? 1 },
    };
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.sessions).map((session) => session.close().catch(() => {})));
  }
}
