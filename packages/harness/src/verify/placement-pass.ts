/**
 * Where every node really runs: a session of its own with ONNX Runtime's profile on, so that profiling never slows a run
 * that is timed. What goes wrong here is told beside the placement; it makes no backend fail.
 */
import { toPlainError } from '@rheobase/exporter/errors';
import type { Profile } from '@rheobase/runtime';
import type { Case } from '../cases/index.js';
import type { Contender, Placement } from './contender.js';
import type { ModelContext } from './context.js';

export async function placementPass(context: ModelContext, contenders: readonly Contender[]): Promise<void> {
  const { subject, emit, cases } = context;
  const first = await firstCase(cases(subject.model));
  if (first === undefined || contenders.length === 0) return;
  emit({ kind: 'examining', model: subject.row.path, what: 'placement' });
  await Promise.all(
    contenders.map(async (contender) => contender.addPlacement(await placementOn(context, contender, first))),
  );
}

async function placementOn(context: ModelContext, contender: Contender, one: Case): Promise<Placement> {
  const { subject, session } = context;
  const model = subject.row.path;
  try {
    const { nodes, incomplete } = await profileOn(contender, context, one, session);
    return { rows: nodes.map(({ node, opType, provider }) => ({ model, node, opType, provider })), note: incomplete };
  } catch (error) {
    return { rows: [], note: `the placement of ${model} is not known: ${toPlainError(error).what}` };
  }
}

async function profileOn(
  { backend }: Contender,
  { subject }: ModelContext,
  one: Case,
  options: ModelContext['session'],
): Promise<Profile> {
  const session = await backend.open(subject.source, { ...options, profile: true });
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
