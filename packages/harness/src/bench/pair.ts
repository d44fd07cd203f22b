/** Models A and B loaded side by side on one backend, and one case timed on both. */
import type { Backend, Feeds, Session, SessionOptions } from '@rheobase/runtime';
import type { Case } from '../cases/index.js';
import { interleavedRounds, type Rounds, ratioInterval, summarizeTiming } from '../timing/index.js';
import type { ModelUnderTest } from '../verify/model-under-test.js';
import type { BenchRow, BenchTiming } from './bench-report.js';

export type Side = 'a' | 'b';

/** What went wrong, and with which of the two models. */
export class SideFailure {
  constructor(
    readonly side: Side,
    readonly error: unknown,
  ) {}
}

export interface PairTimingOptions {
  readonly runs: number;
  readonly seed: number;
  readonly onRound: (round: number, rounds: number) => void;
}

export class Pair {
  private constructor(private readonly sessions: Readonly<Record<Side, Session>>) {}

  /** Answers a `SideFailure` where one of them does not load. */
  static async open(
    backend: Backend,
    models: Readonly<Record<Side, ModelUnderTest>>,
    options: SessionOptions,
  ): Promise<Pair | SideFailure> {
    const open = async (side: Side): Promise<Session | SideFailure> => {
      try {
        return await backend.open(models[side].source, options);
      } catch (error) {
        return new SideFailure(side, error);
      }
    };
    const a = await open('a');
    if (a instanceof SideFailure) return a;
    const b = await open('b');
    if (!(b instanceof SideFailure)) return new Pair({ a, b });
    await a.close().catch(() => {});
    return b;
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
    { runs, seed, onRound }: PairTimingOptions,
  ): Promise<Pick<BenchRow, Side | 'ratio'> | readonly SideFailure[]> {
    const subjects = (['a', 'b'] as const).map((side) => ({
      id: side,
      time: (count: number) => this.sessions[side].time(feeds, count),
    }));
    const timed = await interleavedRounds(subjects, { runs, seed, onRound });
    const failures = (['a', 'b'] as const).flatMap((side) => {
      const failure = timed.get(side)?.failure ?? null;
      return failure === null ? [] : [new SideFailure(side, failure.error)];
    });
    const [roundsA, roundsB] = [timed.get('a')?.rounds ?? [], timed.get('b')?.rounds ?? []];
    const a = this.timing('a', roundsA, seed);
    const b = this.timing('b', roundsB, seed);
    if (failures.length > 0 || a === null || b === null) return failures;
    return { a, b, ratio: ratioInterval(roundsA, roundsB, { seed }) };
  }

  private timing(side: Side, rounds: Rounds, seed: number): BenchTiming | null {
    const summary = summarizeTiming(rounds, { seed });
    if (summary === null) return null;
    const { medianMs, ciLowMs, ciHighMs, runs } = summary;
    return { medianMs, ciLowMs, ciHighMs, runs, loadMs: this.sessions[side].loadMs };
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.sessions).map((session) => session.close().catch(() => {})));
  }
}
