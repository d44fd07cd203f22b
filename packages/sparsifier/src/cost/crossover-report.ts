/** What `rheobase measure-crossover --json` writes, and the way back. */
import { badInput } from '@rheobase/exporter/errors';
import type { Crossover } from './measure-crossover.js';

export interface CrossoverReport {
  readonly schema: 'rheobase/crossover@1';
  readonly backends: readonly Crossover[];
}

export function crossoverReport(backends: readonly Crossover[]): CrossoverReport {
  return { schema: 'rheobase/crossover@1', backends };
}

/** @throws RheobaseError `bad-input` where the value is no such report. */
export function parseCrossover(json: unknown, where: string): readonly Crossover[] {
  const report = json as Partial<CrossoverReport> | null;
  const isReport = report?.schema === 'rheobase/crossover@1' && Array.isArray(report.backends);
  if (isReport && report.backends?.every(isCrossover)) return report.backends;
  throw badInput('is no cost model', { where, remedy: 'write one with measure-crossover --json' });
}

function isCrossover(value: Partial<Crossover> | null): value is Crossover {
  const { model } = value ?? {};
  const costs = [model?.dense?.baseMs, model?.dense?.msPerByte, model?.sparse?.baseMs, model?.sparse?.msPerByte];
  return typeof model?.backend === 'string' && [...costs, model.sparse?.msPerNeuron].every(Number.isFinite);
}
