/**
 * Measures sessions in turns. A round runs each once, in an order drawn anew, on an input that the round decides: no
 * session profits from weights that its own run before left in the cache, as it would if it were timed in a row.
 */

import { random } from '@rheobase/exporter';
import { type Interval, medianInterval, quantile, type Rounds } from '@rheobase/harness';
import type { Feeds, Session } from '@rheobase/runtime';

export interface Measured {
  readonly name: string;
  readonly medianMs: number;
  /** Time of the baseline / time of this one: above 1 is faster. */
  readonly speed: Interval;
  /**
   * The same of the fastest tenth of each: on a machine that others use too, the runs that nobody interrupted. Long runs
   * are interrupted more often than short ones, which flatters the median.
   */
  readonly undisturbed: number;
}

export async function measureInTurns(
  sessions: ReadonlyMap<string, Session>,
  feeds: readonly Feeds[],
  { rounds, baseline }: { readonly rounds: number; readonly baseline: string },
): Promise<readonly Measured[]> {
  return summarize(await takeTurns(sessions, feeds, rounds), baseline);
}

/** Times of each session in ms, a list for each round; those of several launches can be joined. */
export type Turns = ReadonlyMap<string, number[][]>;

export async function takeTurns(
  sessions: ReadonlyMap<string, Session>,
  feeds: readonly Feeds[],
  rounds: number,
): Promise<Turns> {
  const times = new Map<string, number[][]>(Array.from(sessions.keys(), (name) => [name, []]));
  const draw = random(7, 'turns');
  const warmUpRounds = 4;
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    const order = [...sessions].map((entry) => ({ entry, key: draw.uniform() })).sort((a, b) => a.key - b.key);
    for (const {
      entry: [name, session],
    } of order) {
      const [ms = Number.NaN] = await session.time(feeds[(round + warmUpRounds) % feeds.length] ?? {}, 1);
      if (round >= 0) times.get(name)?.push([ms]);
    }
  }
  return times;
}

export function summarize(times: Turns, baseline: string): readonly Measured[] {
  const reference: Rounds = times.get(baseline) ?? [];
  return Array.from(times, ([name, own]) => ({
    name,
    medianMs: medianInterval(own).median,
    speed: medianOfRatios(reference, own),
    undisturbed: firstDecile(reference) / firstDecile(own),
  }));
}

/** The median of the ratios of each round: what slowed a whole round down cancels out. */
function medianOfRatios(reference: Rounds, own: Rounds): Interval {
  const ratios = own.map(([ms = Number.NaN], round) => [(reference[round]?.[0] ?? Number.NaN) / ms]);
  return medianInterval(ratios);
}

function firstDecile(rounds: Rounds): number {
  return quantile(rounds.flat(), 0.1);
}
