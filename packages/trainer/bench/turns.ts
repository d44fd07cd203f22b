/** Subjects timed in turns, and lines that say what came out. */
import { type Interval, interleavedRounds, medianInterval, type Rounds } from '@rheobase/harness';

/** Times each function in every round, in an order drawn anew; ms. */
export async function inTurns(
  subjects: ReadonlyMap<string, () => Promise<unknown>>,
  rounds: number,
): Promise<ReadonlyMap<string, Rounds>> {
  const timed = await interleavedRounds(
    Array.from(subjects, ([id, run]) => ({ id, time: (runs: number) => timesOf(run, runs) })),
    { runs: rounds, rounds, budgetMs: 60_000 },
  );
  return new Map(
    Array.from(timed, ([id, { rounds: own, failure }]) => {
      if (failure !== null) throw failure.error;
      return [id, own];
    }),
  );
}

async function timesOf(run: () => Promise<unknown>, runs: number): Promise<number[]> {
  const times: number[] = [];
  for (let at = 0; at < runs; at += 1) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return times;
}

/** The median of a run of several steps, as a time per step. */
export function perStep(rounds: Rounds, steps: number): string {
  const { median, ciLow, ciHigh } = medianInterval(rounds);
  const [middle, low, high] = [median, ciLow, ciHigh].map((ms) => (ms / steps).toFixed(3));
  return `${middle} ms a step (${low} to ${high})`;
}

export function ratioText(ratio: Interval | null): string {
  if (ratio === null) return 'no ratio to';
  const { median, ciLow, ciHigh } = ratio;
  return `${median.toFixed(1)} × (${ciLow.toFixed(1)} to ${ciHigh.toFixed(1)}) as fast as`;
}

export function verdict(ratio: Interval | null, limit: number): string {
  return `at least ${limit} ×: ${(ratio?.median ?? 0) >= limit ? 'met' : 'MISSED'}`;
}
