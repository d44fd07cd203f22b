/** What sparse execution gains, measured: the model as it was against the model as it is, in turns, on the samples. */
import { encodeModel, type Model, median } from '@rheobase/exporter';
import type { Backend, Feeds, Session, SessionOptions } from '@rheobase/runtime';
import type { Samples } from './calibration/index.js';
import { timesInTurns } from './cost/index.js';

export interface MeasuredSpeed {
  /** Medians of a run of the whole model. */
  readonly denseMs: number;
  readonly ms: number;
  /** Time before / time after, the median of the ratios of the rounds: above 1 is faster. */
  readonly speed: number;
  /** Milliseconds round by round, of the model as it was and as it is. */
  readonly denseByRound: readonly number[];
  readonly byRound: readonly number[];
}

/** A model to time, with what to feed beside the samples. */
export interface SpeedSubject {
  readonly model: Model;
  readonly fixed?: Feeds;
}

export interface SpeedOptions {
  readonly backend: Backend;
  readonly samples: Samples;
  /** Samples in a run. */
  readonly rows: number;
  readonly session?: SessionOptions;
  /** Default 31. */
  readonly rounds?: number;
  /** Milliseconds after which no further round is begun. */
  readonly budgetMs?: number;
}

/** Different inputs, so that the weights one run picks are not those of the run before. */
const INPUTS = 8;

/** The speed of each subject against `before`; subjects that are one model share a session. */
export async function measureSpeeds(
  before: Model,
  subjects: readonly SpeedSubject[],
  { backend, samples, rows, session: sessionOptions, rounds = 31, budgetMs }: SpeedOptions,
): Promise<readonly MeasuredSpeed[]> {
  const feeds = await inputsOf(samples, rows);
  const sessions = new Map<Model, Session>();
  try {
    for (const model of new Set([before, ...subjects.map((subject) => subject.model)])) {
      sessions.set(model, await backend.open({ bytes: encodeModel(model) }, sessionOptions));
    }
    const timed = [{ model: before }, ...subjects].flatMap(({ model, fixed }: SpeedSubject) => {
      const session = sessions.get(model);
      return session === undefined ? [] : [{ session, feeds: feeds.map((own) => ({ ...own, ...fixed })) }];
    });
    const [reference = [], ...others] = await timesInTurns(timed, {
      rounds,
      ...(budgetMs === undefined ? {} : { budgetMs }),
    });
    return others.map((own) => ({
      denseMs: median(reference),
      ms: median(own),
      denseByRound: reference,
      byRound: own,
      speed: median(own.map((ms, round) => (reference[round] ?? Number.NaN) / ms)),
    }));
  } finally {
    for (const session of sessions.values()) await session.close();
  }
}

async function inputsOf(samples: Samples, rows: number): Promise<Feeds[]> {
  const all: Feeds[] = [];
  for (let start = 0; start + rows <= samples.count && all.length < INPUTS; start += rows) {
    all.push(await samples.feeds(start, start + rows));
  }
  return all.length > 0 ? all : [await samples.feeds(0, Math.min(rows, samples.count))];
}
