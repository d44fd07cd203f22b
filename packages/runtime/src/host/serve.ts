/** The remote end: answers requests with an engine, one at a time, in order. */
import { badInput, type ErrorCode, toPlainError } from '@rheobase/exporter/errors';
import type { Session } from '../contract.js';
import type { Engine } from './engine.js';
import type { Calls, Method, Reply, Request, SessionHandle } from './protocol.js';

/** Answers one request; never rejects. */
export type Handler = (request: Request) => Promise<Reply>;

export function serve(engine: Engine): Handler {
  const sessions = new Map<SessionHandle, Session>();
  let lastHandle = 0;

  const sessionOf = (handle: SessionHandle): Session => {
    const session = sessions.get(handle);
    if (session === undefined) throw badInput(`session ${handle} is not open`);
    return session;
  };

  const answer = async ({ method, params }: Request): Promise<Calls[Method]['result']> => {
    switch (method) {
      case 'probe':
        return engine.probe();
      case 'open': {
        const session = await engine.open(params.model, params.options);
        lastHandle += 1;
        sessions.set(lastHandle, session);
        const { inputs, outputs, loadMs } = session;
        return { handle: lastHandle, inputs, outputs, loadMs };
      }
      case 'run':
        return sessionOf(params.session).run(params.feeds, params.fetches);
      case 'time':
        return sessionOf(params.session).time(params.feeds, params.samples, params.runsPerSample);
      case 'profile':
        return sessionOf(params.session).profile();
      case 'close': {
        await sessionOf(params.session).close();
        sessions.delete(params.session);
        return null;
      }
    }
  };

  let last: Promise<unknown> = Promise.resolve();
  return (request) => {
    const fallback: ErrorCode = request.method === 'probe' ? 'unavailable' : 'failed';
    const reply = last.then(async (): Promise<Reply> => {
      try {
        return { result: await answer(request) };
      } catch (error) {
        return { error: toPlainError(error, fallback) };
      }
    });
    last = reply;
    return reply;
  };
}
