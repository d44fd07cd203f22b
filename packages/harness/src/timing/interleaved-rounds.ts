/**
 * Takes samples of several subjects (one model on several backends, or two models on one) in rounds: each round times
 * every subject once, in an order drawn anew. Whatever changes slowly (temperature, another process, the clock rate) so
 * falls on all of them alike, and nobody always runs behind the one that leaves the cache cold.
 *
 * No clock is read here: a subject answers with the times that its backend measured.
 */
import { random, shuffled } from '@rheobase/exporter';
import type { Rounds } from './bootstrap.js';
import { sampleLength, type TimingMode } from './sample-length.js';
import { type TimeRuns, warmUp } from './warm-up.js';

export interface Subject {
  readonly id: string;
  readonly time: TimeRuns;
  /** The smallest step of the clock that it is timed by, in ms; a sample is made long against it. */
  readonly clockResolutionMs?: number | undefined;
}

export interface RoundsOptions {
  /** Default `latency`. */
  readonly mode?: TimingMode;
  /** Samples of each subject, at least; a fast one gets more. Default 30. */
  readonly runs?: number;
  /**
   * Rounds they are spread over, never more than `runs`; default 15. More rounds are more independent evidence, and each costs
   * a message to every backend.
   */
  readonly rounds?: number;
  /** Default 0. */
  readonly seed?: number;
  /**
   * Time in ms that a subject should take. One that is too slow for it gets fewer runs a round, and no further rounds once
   * the time is over, though never fewer than five: of fewer, no interval means anything. Default 10,000.
   */
  readonly budgetMs?: number;
  readonly onRound?: (round: number, rounds: number) => void;
}

/** What one subject gave; a subject that failed keeps the rounds it finished. */
export interface TimedSubject {
  readonly rounds: Rounds;
  /** Runs that each time in `rounds` is the mean of. */
  readonly runsPerSample: number;
  readonly failure: { readonly error: unknown } | null;
}

const FEWEST_ROUNDS = 5;

/**
 * A round of a fast model lasts at least so long, by more samples: what disturbs a machine (a time slice, an interrupt)
 * lasts milliseconds, and a sample that is over sooner sees only one side of it.
 */
const ROUND_MS = 10;
const MOST_SAMPLES = 100;

/** Above this a sample is so long that a cold cache at its start is lost in it. */
const LEAD_SAMPLE_BELOW_MS = 20;

export async function interleavedRounds(
  subjects: readonly Subject[],
  { mode = 'latency', runs = 30, rounds = 15, seed = 0, budgetMs = 10_000, onRound }: RoundsOptions = {},
): Promise<ReadonlyMap<string, TimedSubject>> {
  const order = random(seed, 'rounds');
  const roundCount = Math.min(rounds, runs);
  const plan = { mode, budgetMs, samples: runs, rounds: roundCount };
  const progress = subjects.map((subject) => new Progress(subject, plan));
  for (const one of progress) await one.warmUp();
  for (let round = 0; round < roundCount; round += 1) {
    const active = progress.filter((one) => one.isActive());
    if (active.length === 0) break;
    onRound?.(round, roundCount);
    for (const one of shuffled(order, active)) await one.runRound();
  }
  return new Map(
    progress.map(({ subject, rounds: done, runsPerSample, failure }) => [
      subject.id,
      { rounds: done, runsPerSample, failure },
    ]),
  );
}

interface Plan {
  readonly mode: TimingMode;
  readonly budgetMs: number;
  readonly samples: number;
  readonly rounds: number;
}

class Progress {
  readonly rounds: (readonly number[])[] = [];
  failure: { readonly error: unknown } | null = null;
  runsPerSample = 1;
  private leadSamples = 0;
  private samplesPerRound = 1;
  private spentMs = 0;

  constructor(
    readonly subject: Subject,
    private readonly plan: Plan,
  ) {}

  isActive(): boolean {
    return this.failure === null && (this.spentMs < this.plan.budgetMs || this.rounds.length < FEWEST_ROUNDS);
  }

  async warmUp(): Promise<void> {
    const { mode, budgetMs, samples, rounds } = this.plan;
    const { time, clockResolutionMs } = this.subject;
    await this.attempt(async () => {
      const warm = await warmUp(time, { budgetMs: budgetMs / 5 });
      const { runsPerSample, typicalMs } = await sampleLength(time, { mode, clockResolutionMs, ...warm });
      this.runsPerSample = runsPerSample;
      const sampleMs = typicalMs * runsPerSample;
      this.leadSamples = sampleMs < LEAD_SAMPLE_BELOW_MS ? 1 : 0;
      const fillRound = Math.min(MOST_SAMPLES, Math.ceil(ROUND_MS / sampleMs));
      const withinBudget = Math.ceil(budgetMs / (sampleMs * rounds));
      this.samplesPerRound = Math.min(Math.max(Math.ceil(samples / rounds), fillRound), withinBudget);
    });
  }

  async runRound(): Promise<void> {
    await this.attempt(async () => {
      const times = await this.subject.time(this.leadSamples + this.samplesPerRound, this.runsPerSample);
      this.rounds.push(times.slice(this.leadSamples));
      this.spentMs += times.reduce((sum, ms) => sum + ms, 0) * this.runsPerSample;
    });
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failure = { error };
    }
  }
}
