/**
 * A model compared with a reference model, on each backend by itself: the two differ in weights or wiring, the backend in
 * nothing. Every backend is a verification of two sides; its rows are told under the backend's name.
 */
import { modelInfo } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import { haveSameStructure } from '../divergence/model-differences.js';
import type { VerifyReport } from '../report/verify-report.js';
import type { ModelContext } from './context.js';
import type { ModelUnderTest } from './model-under-test.js';

/** The rows of a report that are about one model. */
export type ModelRows = Pick<VerifyReport, 'comparisons' | 'timings' | 'alarms' | 'noise'>;

/** @throws RheobaseError `bad-input` where the two do not take and give the same. */
export async function verifyAgainst(
  context: ModelContext,
  reference: ModelUnderTest,
  verifyModel: (context: ModelContext) => Promise<ModelRows>,
): Promise<ModelRows> {
  checkInterface(context.subject, reference);
  const parts: ModelRows[] = [];
  const isRewired = !haveSameStructure(context.subject.model, reference.model);
  for (const contender of context.contenders) {
    if (!contender.available) continue;
    const other = contender.running(reference);
    const rows = await verifyModel({ ...context, contenders: [other, contender], baseline: other.id, isRewired });
    if (other.hasFailedOn(context.subject.row.path)) {
      contender.fail(context.subject.row.path, other.firstFailure());
    }
    const own = <T extends { readonly backend: string }>(all: readonly T[]): readonly T[] =>
      all.filter(({ backend }) => backend === contender.id);
    const { comparisons, timings, alarms, noise } = rows;
    parts.push({ comparisons, timings: own(timings), alarms: own(alarms), noise: own(noise) });
  }
  return joinRows(parts);
}

export function joinRows(parts: readonly ModelRows[]): ModelRows {
  return {
    comparisons: parts.flatMap(({ comparisons }) => comparisons),
    timings: parts.flatMap(({ timings }) => timings),
    alarms: parts.flatMap(({ alarms }) => alarms),
    noise: parts.flatMap(({ noise }) => noise),
  };
}

function checkInterface(subject: ModelUnderTest, reference: ModelUnderTest): void {
  const [own, other] = [modelInfo(subject.model), modelInfo(reference.model)];
  for (const side of ['inputs', 'outputs'] as const) {
    const names = other[side].map(({ name }) => name);
    const [missing] = own[side].map(({ name }) => name).filter((name) => !names.includes(name));
    const extra = side === 'inputs' ? names.find((name) => !own[side].some((one) => one.name === name)) : undefined;
    if (missing !== undefined || extra !== undefined) {
      throw badInput(`its ${side} are ${names.join(', ')}, and not those of ${subject.row.path}`, {
        where: reference.row.path,
        remedy: `compare models of the same ${side}: ${own[side].map(({ name }) => name).join(', ')}`,
      });
    }
  }
}
