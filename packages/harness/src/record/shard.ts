/**
 * One part of a verification, for a matrix of jobs that share the work. With as many models as parts or more, each part
 * takes some of the models; with fewer, some of the cases of every model. Either way all parts together are the whole,
 * and no case is in two of them.
 */
import { badInput } from '@rheobase/exporter/errors';
import type { CaseSource } from '../cases/index.js';
import type { VerifyReport } from '../report/verify-report.js';

/** `index` counts from 0. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** @throws RheobaseError `bad-input` for what is not `2/5`, counted from 1. */
export function parseShard(text: string): Shard {
  const match = /^(?<number>\d+)\/(?<count>\d+)$/.exec(text.trim());
  const [number, count] = [Number(match?.groups?.number), Number(match?.groups?.count)];
  if (!(number >= 1 && number <= count)) {
    throw badInput(`${JSON.stringify(text)} is no shard`, { where: '--shard', remedy: 'write it as 2/5' });
  }
  return { index: number - 1, count };
}

export interface Sharded {
  readonly models: readonly string[];
  readonly cases: CaseSource;
}

export function shardOf(models: readonly string[], cases: CaseSource, { index, count }: Shard): Sharded {
  if (models.length >= count) return { models: models.filter((_, i) => i % count === index), cases };
  return {
    models,
    cases: async function* (model, accepts) {
      let position = 0;
      for await (const one of cases(model, accepts)) {
        if (position % count === index) yield one;
        position += 1;
      }
    },
  };
}

/** A part that no case fell to has nothing to compare, and that is no fault of it: the other parts have them. */
export function reportOfShard(report: VerifyReport): VerifyReport {
  const isWhole = report.backends.every(
    ({ status, required }) => status === 'ran' || (status !== 'failed' && !required),
  );
  return report.verdict === 'incomplete' && report.comparisons.length === 0 && isWhole
    ? { ...report, verdict: 'agree' }
    : report;
}
