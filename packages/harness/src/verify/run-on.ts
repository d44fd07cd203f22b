/** One run of a changed model on one side, in a session of its own. */
import type { Model } from '@rheobase/exporter';
import { toPlainError } from '@rheobase/exporter/errors';
import type { Feeds } from '@rheobase/runtime';
import { ActiveSessions } from './active-sessions.js';
import type { Contender } from './contender.js';
import type { ModelContext } from './context.js';

export interface DerivedRun {
  readonly derive: (model: Model) => Model;
  readonly feeds: Feeds;
}

/** The outputs, or why there are none. */
export async function runOn(
  { subject, session }: ModelContext,
  side: Contender,
  { derive, feeds }: DerivedRun,
): Promise<Feeds | string> {
  let problem = 'it gave no outputs';
  const failed = (_: Contender, error: unknown): void => {
    problem = toPlainError(error).what;
  };
  const sessions = await ActiveSessions.open([side], subject, session, { failed }, derive);
  try {
    return (await sessions.run(side.id, feeds))?.outputs ?? problem;
  } finally {
    await sessions.close();
  }
}
