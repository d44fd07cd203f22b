/**
 * Where every node really runs: a session of its own with ONNX Runtime's profile on, so that profiling never slows a run
 * that is timed. What goes wrong here is told beside the placement; it makes no backend fail.
 *
 * GPUs in software take turns: each would take the processor from the other, and on a busy machine none be in time. A
 * profile that was lost on the way (a crash, a time-out, a run without a kernel) is taken once more, in a fresh process
 * where the first is gone.
 */
import { type ErrorCode, type PlainError, toPlainError } from '@rheobase/exporter/errors';
import type { Profile } from '@rheobase/runtime';
import { NO_KERNEL } from '@rheobase/runtime/host';
import type { Case } from '../cases/index.js';
import type { Contender, Placement } from './contender.js';
import type { ModelContext } from './context.js';

const TRIES = 2;

export async function placementPass(context: ModelContext, contenders: readonly Contender[]): Promise<void> {
  const { subject, emit, cases } = context;
  const first = await firstCase(cases(subject.model));
  if (first === undefined || contenders.length === 0) return;
  emit({ kind: 'examining', model: subject.row.path, what: 'placement' });
  const place = async (contender: Contender): Promise<void> =>
    contender.addPlacement(await placementOn(context, contender, first));
  const placeInTurn = async (all: readonly Contender[]): Promise<void> => {
    for (const contender of all) await place(contender);
  };
  await Promise.all([
    ...contenders.filter((contender) => !contender.isSoftware).map(place),
    placeInTurn(contenders.filter((contender) => contender.isSoftware)),
  ]);
}

async function placementOn(context: ModelContext, contender: Contender, one: Case): Promise<Placement> {
  const model = context.subject.row.path;
  let note = '';
  for (let tries = 0; tries < TRIES; tries += 1) {
    const taken = await takeProfile(contender, context, one);
    if ('what' in taken) {
      note = taken.what;
      if (!MAY_PASS.has(taken.code)) break;
    } else {
      const rows = taken.nodes.map(({ node, opType, provider }) => ({ model, node, opType, provider }));
      if (rows.length > 0) return { model, rows, note: taken.incomplete };
      note = taken.incomplete ?? NO_KERNEL;
    }
  }
  // Twice the same is no accident: a model of constants is computed when it is loaded.
  if (note === NO_KERNEL) return { model, rows: [], note: `no node of ${model} runs: it is all computed at load` };
  return { model, note: `the placement of ${model} is not known: ${note}` };
}

/** What may go otherwise the next time. */
const MAY_PASS: ReadonlySet<ErrorCode> = new Set(['crashed', 'timeout', 'failed']);

async function takeProfile(contender: Contender, context: ModelContext, one: Case): Promise<Profile | PlainError> {
  try {
    return await profileOn(contender, context, one);
  } catch (error) {
    return toPlainError(error);
  }
}

async function profileOn({ backend }: Contender, context: ModelContext, one: Case): Promise<Profile> {
  const session = await backend.open(context.subject.source, { ...context.session, profile: true });
  try {
    await session.run(one.feeds);
    return await session.profile();
  } finally {
    await session.close().catch(() => {});
  }
}

async function firstCase(cases: Iterable<Case> | AsyncIterable<Case>): Promise<Case | undefined> {
  for await (const one of cases) return one;
  return undefined;
}
