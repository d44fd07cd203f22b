/**
 * The first pass over a model that is loaded on every backend: every case is run and compared with the baseline, and the
 * cases that are to be timed are timed. Outputs are dropped as soon as they are compared.
 */
import { badInput } from '@rheobase/exporter/errors';
import type { BackendId, Feeds, RunResult } from '@rheobase/runtime';
import { type Case, checkFeeds } from '../cases/index.js';
import { compareTensors, divergeAsWhole } from '../comparison/index.js';
import { NO_FLIPS } from '../divergence/mask-flips.js';
import type { Alarm, ComparisonRow, TimingRow } from '../report/verify-report.js';
import { ActiveSessions } from './active-sessions.js';
import { AlarmLog } from './alarms.js';
import { CaseTimer } from './case-timer.js';
import { type ModelContext, pairOf } from './context.js';

export interface ComparisonPass {
  readonly comparisons: readonly ComparisonRow[];
  readonly timings: readonly TimingRow[];
  readonly alarms: readonly Alarm[];
}

/** Loads the model on every backend that is there, one after the other. */
export function openSessions({ subject, contenders, session, emit }: ModelContext): Promise<ActiveSessions> {
  const model = subject.row.path;
  return ActiveSessions.open(
    contenders.filter(({ available }) => available),
    subject,
    session,
    {
      loaded: ({ id }, { loadMs }) => emit({ kind: 'loaded', model, backend: id, loadMs }),
      failed: (contender, error) =>
        emit({ kind: 'failed', model, backend: contender.id, error: contender.fail(model, error) }),
    },
  );
}

export async function comparisonPass(context: ModelContext, sessions: ActiveSessions): Promise<ComparisonPass> {
  const { subject, baseline, cases, emit } = context;
  const model = subject.row.path;
  const timer = new CaseTimer(context, sessions);
  const alarms = new AlarmLog(model);
  const comparisons: ComparisonRow[] = [];
  const timings: TimingRow[] = [];
  const names = new Set<string>();
  const accepts = (feeds: Feeds): Promise<boolean> => sessions.accepts(baseline, feeds);
  for await (const one of cases(subject.model, accepts)) {
    checkFeeds(subject.model, one);
    if (names.has(one.name)) throw badInput('two cases have this name', { where: `case ${one.name}` });
    names.add(one.name);
    context.tolerances.learnShapes(one.feeds);
    const timed = timer.wants(one);
    // The duration of a first run is wanted undisturbed; the other cases need not wait for each other.
    const results = await (timed ? sessions.runInTurn : sessions.runTogether).call(sessions, sessions.ids, one.feeds);
    const expected = results.get(baseline);
    for (const [backend, result] of results) alarms.look(backend, one.name, result);
    for (const [backend, actual] of results) {
      if (expected === undefined || backend === baseline) continue;
      const rows = compareOutputs(context, { backend, case: one, actual, expected });
      comparisons.push(...rows);
      const verdict = rows.some((row) => row.verdict === 'diverge') ? 'diverge' : 'agree';
      emit({ kind: 'compared', model, backend, case: one.name, verdict });
    }
    if (timed) timings.push(...(await timer.time(one, results)));
    // Without the baseline there is nothing to compare with, and the first case gave the times there are to have.
    if (!sessions.has(baseline) || sessions.ids.length === 0) break;
  }
  return { comparisons, timings, alarms: alarms.list() };
}

interface Finding {
  readonly backend: BackendId;
  readonly case: Case;
  readonly actual: RunResult;
  readonly expected: RunResult;
}

function compareOutputs(context: ModelContext, { backend, case: one, actual, expected }: Finding): ComparisonRow[] {
  const { subject, tolerances } = context;
  const pair = pairOf(context, backend);
  return Object.entries(expected.outputs).map(([output, expectedTensor]): ComparisonRow => {
    const tolerance = tolerances.of(output, expectedTensor.dtype, pair);
    const actualTensor = actual.outputs[output];
    const comparison =
      actualTensor === undefined
        ? divergeAsWhole(expectedTensor, 'the backend gave no such output', tolerance)
        : compareTensors(actualTensor, expectedTensor, { tolerance });
    return {
      model: subject.row.path,
      backend,
      case: one.name,
      output,
      ...comparison,
      maskFlips: NO_FLIPS,
      firstDivergence: null,
      firstDivergenceNote: null,
      suspects: [],
      bundle: null,
    };
  });
}
