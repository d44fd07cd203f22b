/**
 * Times of several sessions, measured in turns: a round runs each once, in an order drawn anew, on an input that the round
 * decides. So what slows the machine down falls on all alike, and no session finds its weights in the cache from the run before.
 */
import { random, shuffled } from '@rheobase/exporter';
import type { Feeds, Session } from '@rheobase/runtime';

export interface TimedSession {
  readonly session: Session;
  /** Used one after the other, from the first again. */
  readonly feeds: readonly Feeds[];
}

export interface TurnsOptions {
  readonly rounds: number;
  /** Milliseconds after which no further round is begun, once there are `FEWEST_ROUNDS`. */
  readonly budgetMs?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

const FEWEST_ROUNDS = 7;

/** Milliseconds by session and round; a first round, which warms up, is left out. */
export async function timesInTurns(
  subjects: readonly TimedSession[],
  { rounds, budgetMs = Number.POSITIVE_INFINITY, seed = 0, onProgress = () => {} }: TurnsOptions,
): Promise<readonly (readonly number[])[]> {
  const times = subjects.map((): number[] => []);
  const draw = random(seed, 'turns');
  const begin = performance.now();
  for (let round = 0; round <= rounds; round += 1) {
    if (round > FEWEST_ROUNDS && performance.now() - begin > budgetMs) break;
    for (const index of shuffled(draw, [...subjects.keys()])) {
      const { session, feeds } = subjects[index] as TimedSession;
      const [ms = Number.NaN] = await session.time(feeds[round % feeds.length] ?? {}, 1);
      if (round > 0) times[index]?.push(ms);
    }
    onProgress(round + 1, rounds + 1);
  }
  return times;
}
