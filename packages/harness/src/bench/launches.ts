/** The launches of a bench on one backend, put together: a row a case. */
import { launchRatio, median, perSecond, type Rounds, summarizeTiming } from '../timing/index.js';
import type { BenchRow, BenchTiming } from './bench-report.js';
import type { Side, TimedPair } from './pair.js';

interface TimedLaunch extends TimedPair {
  readonly loadMs: Readonly<Record<Side, number>>;
}

type Place = Pick<BenchRow, 'backend' | 'threads' | 'mode' | 'outputs'>;

/** Cases keep the order in which they were first timed. */
export class Launches {
  private readonly byCase = new Map<string, TimedLaunch[]>();

  constructor(private readonly seed: number) {}

  add(caseName: string, launch: TimedLaunch): void {
    const known = this.byCase.get(caseName);
    if (known === undefined) this.byCase.set(caseName, [launch]);
    else known.push(launch);
  }

  /** A case that failed in a later launch has no row. */
  drop(caseName: string): void {
    this.byCase.delete(caseName);
  }

  rows(place: Place): BenchRow[] {
    return Array.from(this.byCase, ([name, launches]): readonly BenchRow[] => {
      const [a, b] = [this.timing('a', launches, place), this.timing('b', launches, place)];
      if (a === null || b === null) return [];
      return [
        { ...place, case: name, a, b, ratio: launchRatio(launches, { seed: this.seed }), launches: launches.length },
      ];
    }).flat();
  }

  private timing(side: Side, launches: readonly TimedLaunch[], { mode }: Place): BenchTiming | null {
    // Of several launches each is one piece of evidence; of one, its rounds are.
    const rounds: Rounds = launches.length === 1 ? launches[0][side] : launches.map((launch) => launch[side].flat());
    const summary = summarizeTiming(rounds, { seed: this.seed });
    if (summary === null) return null;
    const { medianMs, ciLowMs, ciHighMs } = summary;
    const measured = launches.map((launch) => launch[side].flat().length * launch.runsPerSample[side]);
    return {
      medianMs,
      ciLowMs,
      ciHighMs,
      runs: measured.reduce((sum, runs) => sum + runs, 0),
      runsPerSample: Math.max(...launches.map(({ runsPerSample }) => runsPerSample[side])),
      runsPerSecond: mode === 'throughput' ? perSecond(summary) : null,
      loadMs: median(launches.map(({ loadMs }) => loadMs[side])),
    };
  }
}
