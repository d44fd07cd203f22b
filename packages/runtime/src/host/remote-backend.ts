/**
 * The near end: a Backend whose ONNX Runtime lives behind a connection. It starts the other end when first needed,
 * ends it when a call takes too long, and reports its death as an error of the call that was under way; the next
 * `open` starts afresh.
 */
import { fromPlainError, RheobaseError, toPlainError } from '@rheobase/exporter/errors';
import type { Availability, Backend, BackendId, Session } from '../contract.js';
import type { Connect, Connection } from './connection.js';
import type { Calls, Method, Reply, Request } from './protocol.js';

const DEFAULT_TIMEOUT_MS = 120_000;

export interface RemoteBackendOptions {
  readonly id: BackendId;
  readonly connect: Connect;
  /** What would bring the backend when the probe finds it missing; null where nothing would. */
  readonly remedy: string | null;
  /** Time allowed for the probe, in ms; default 60,000. */
  readonly probeTimeoutMs?: number;
}

export function remoteBackend({ id, connect, remedy, probeTimeoutMs = 60_000 }: RemoteBackendOptions): Backend {
  let current: Promise<Connection> | undefined;
  let probed: Promise<Availability> | undefined;

  const connection = (): Promise<Connection> => {
    if (current === undefined) {
      const starting = connect();
      current = starting;
      starting.catch(() => forget(starting));
    }
    return current;
  };
  const forget = (which: Promise<Connection>): void => {
    if (current === which) current = undefined;
  };

  const callOn = async <M extends Method>(
    via: Promise<Connection>,
    method: M,
    params: Calls[M]['params'],
    timeoutMs: number,
  ): Promise<Calls[M]['result']> => {
    const live = await via;
    let reply: Reply;
    try {
      reply = await withTimeout(live.send({ method, params } as Request), timeoutMs, `${id} ${method}`);
    } catch (error) {
      forget(via);
      await live.kill();
      throw error;
    }
    if ('error' in reply) throw fromPlainError(reply.error);
    return reply.result as Calls[M]['result'];
  };

  const probe = async (): Promise<Availability> => {
    try {
      return await callOn(connection(), 'probe', {}, probeTimeoutMs);
    } catch (error) {
      const plain = toPlainError(error);
      return { available: false, reason: plain.what, remedy: plain.remedy ?? remedy };
    }
  };

  return {
    id,
    probe: () => {
      probed ??= probe();
      return probed;
    },
    open: async (model, options = {}) => {
      const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
      const via = connection();
      const { handle, inputs, outputs, loadMs } = await callOn(via, 'open', { model, options }, timeoutMs);
      const session: Session = {
        inputs,
        outputs,
        loadMs,
        run: (feeds, fetches) =>
          callOn(via, 'run', { session: handle, feeds, ...(fetches === undefined ? {} : { fetches }) }, timeoutMs),
        time: (feeds, runs) => callOn(via, 'time', { session: handle, feeds, runs }, timeoutMs),
        profile: () => callOn(via, 'profile', { session: handle }, timeoutMs),
        close: async () => {
          if (current === via) await callOn(via, 'close', { session: handle }, timeoutMs);
        },
      };
      return session;
    },
    close: async () => {
      const ending = current;
      current = undefined;
      const live = await ending?.catch(() => undefined);
      await live?.kill();
    },
  };
}

async function withTimeout<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new RheobaseError('timeout', `${what} took longer than ${ms} ms and was ended`, {
            remedy: 'allow more with --timeout',
          }),
        ),
      ms,
    );
  });
  try {
    return await Promise.race([work, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
