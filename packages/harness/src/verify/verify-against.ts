/**
 * A model compared with a reference model, on each backend by itself: the two differ in weights or wiring, the backend in
 * nothing. Every backend is a verification of two sides; its rows are told under the backend's name. What differs in the
 * models themselves is looked up besides, since runs need not show it.
 */
import { modelInfo } from '@rheobase/exporter';
import { badInput } from '@rheobase/exporter/errors';
import { haveSameStructure, type ModelDifference, ModelDifferences } from '../divergence/model-differences.js';
import type { ComparisonRow, VerifyReport } from '../report/verify-report.js';
import type { ModelContext } from './context.js';
import type { ModelUnderTest } from './model-under-test.js';

/** The rows of a report that are about one model. */
export interface ModelRows extends Pick<VerifyReport, 'comparisons' | 'timings' | 'alarms' | 'noise'> {
  /** From a reference model, where there is one. */
  readonly differences?: readonly ModelDifference[];
}

/** @throws RheobaseError `bad-input` where the two do not take and give the same. */
export async function verifyAgainst(
  context: ModelContext,
  reference: ModelUnderTest,
  verifyModel: (context: ModelContext) => Promise<ModelRows>,
): Promise<ModelRows> {
  checkInterface(context.subject, reference);
  const models = new ModelDifferences(context.subject.model, reference.model);
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
    const blamed = comparisons.map((row) => withDifference(row, models, isRewired));
    parts.push({ comparisons: blamed, timings: own(timings), alarms: own(alarms), noise: own(noise) });
  }
  return { ...joinRows(parts), differences: models.list };
}

/**
 * A row for which the runs blame no node is given the first in which the models themselves differ: a change that is below
 * the tolerance, or that these inputs do not show, is a change all the same. So is one for which models of the same nodes
 * blame a node that is the same in both: a runtime that computes in wider numbers than it shows lets the difference come
 * to light further on. The verdict stays what the outputs make it.
 */
function withDifference(row: ComparisonRow, models: ModelDifferences, isRewired: boolean): ComparisonRow {
  const { firstDivergence: shown } = row;
  if (shown !== null && (isRewired || models.includes(shown))) return row;
  const found = models.firstBehind(row.output);
  if (found === undefined) return row;
  const { kind, name: value, what } = found.difference;
  const { name: node, opType, outputs } = found.node;
  const notes = [
    row.firstDivergenceNote,
    `the models differ here (${kind} ${value}: ${what})`,
    shown === null ? null : `it shows first at ${shown.node || shown.output} (${shown.opType})`,
    row.verdict === 'agree' ? 'the output agrees all the same' : null,
  ];
  return {
    ...row,
    firstDivergence: { node, opType, output: outputs[0] ?? '' },
    firstDivergenceNote: notes.filter((note) => note !== null).join('; '),
  };
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
