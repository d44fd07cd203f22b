/**
 * The near end: a Backend whose ONNX Runtime lives behind a connection. It starts the other end when first needed,
 * ends it when a call takes too long, and reports its death as an error of the call that was under way; the next
 * `open` starts afresh.
 */
import { fromPlainError, RheobaseError, toPlainError } from '@rheobase/exporter/errors';
import type { Availability, Backend, BackendId, Session, SessionOptions, Unavailable } from '../contract.js';
import type { Connect, Connection } from './connection.js';
import type { Calls, Method, Reply, Request } from './protocol.js';
import { withTimeout } from './with-timeout.js';

const DEFAULT_TIMEOUT_MS = 120_000;

export interface RemoteBackendOptions {
  readonly id: BackendId;
  readonly connect: Connect;
  /** What would bring the backend when the probe finds it missing; null where nothing would. */
  readonly remedy: string | null;
  /** Time allowed for the other end to start, and then for the probe, in ms; default 60,000. */
  readonly startTimeoutMs?: number;
  /** Names the lane that a session with these options belongs to; one lane for all where left out. */
  readonly laneOf?: (options: SessionOptions) => string;
}

/** One live process or page, and the turn of its calls. */
interface Line {
  readonly connecting: Promise<Connection>;
  /** Settles when every call so far has been answered, so that one call's time is never counted against the next. */
  idle: Promise<unknown>;
}

export function remoteBackend(options: RemoteBackendOptions): Backend {
  const { id, connect, remedy, startTimeoutMs = 60_000, laneOf = () => '' } = options;
  const lines = new Map<string, Line>();
  let probed: Promise<Availability> | undefined;

  const lineOf = (lane: string): Line => {
    const open = lines.get(lane);
    if (open !== undefined) return open;
    const connecting = inTime(connect(lane, startTimeoutMs), startTimeoutMs, id);
    const line: Line = { connecting, idle: Promise.resolve() };
    lines.set(lane, line);
    line.connecting.then(
      (connection) => connection.ended?.then(() => end(line)),
      () => forget(line),
    );
    return line;
  };
  const forget = (line: Line): void => {
    for (const [lane, open] of lines) if (open === line) lines.delete(lane);
  };
  const end = async (line: Line): Promise<void> => {
    forget(line);
    const connection = await line.connecting.catch(() => undefined);
    await connection?.kill();
  };

  const call = async <M extends Method>(
    line: Line,
    method: M,
    params: Calls[M]['params'],
    timeoutMs: number,
  ): Promise<Calls[M]['result']> => {
    const connection = await line.connecting;
    const turn = line.idle.then(async (): Promise<Reply> => {
      try {
        return await withTimeout(connection.send({ method, params } as Request), timeoutMs);
      } catch (error) {
        const told = toRheobaseError(error);
        // What could not even be sent leaves the other end as it was.
        if (told.code !== 'bad-input') await end(line);
        throw told.within(`${id} ${method}`);
      }
    });
    line.idle = turn.catch(() => {});
    const reply = await turn;
    if ('error' in reply) throw fromPlainError(reply.error);
    return reply.result as Calls[M]['result'];
  };

  const probe = async (): Promise<Availability> => {
    const line = lineOf(laneOf({}));
    try {
      return await call(line, 'probe', {}, startTimeoutMs);
    } catch (error) {
      await end(line);
      return unavailable(error, remedy);
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
      const line = lineOf(laneOf(options));
      const { handle, inputs, outputs, loadMs } = await call(line, 'open', { model, options }, timeoutMs);
      const { reuseOutputs: reuse = false } = options;
      let open = true;
      const session: Session = {
        inputs,
        outputs,
        loadMs,
        run: (feeds, fetches) =>
          call(
            line,
            'run',
            { session: handle, feeds, ...(fetches === undefined ? {} : { fetches }), reuse },
            timeoutMs,
          ),
        time: (feeds, samples, runsPerSample = 1) =>
          call(line, 'time', { session: handle, feeds, samples, runsPerSample }, timeoutMs),
        profile: () => call(line, 'profile', { session: handle }, timeoutMs),
        close: async () => {
          const alive = [...lines.values()].includes(line);
          if (open && alive) await call(line, 'close', { session: handle }, timeoutMs);
          open = false;
        },
      };
      return session;
    },
    close: async () => {
      await Promise.all([...lines.values()].map(end));
    },
  };
}

/** A connection that comes too late is ended when it comes. */
async function inTime(connecting: Promise<Connection>, ms: number, id: BackendId): Promise<Connection> {
  try {
    return await withTimeout(connecting, ms, 'did not start within');
  } catch (error) {
    connecting.then(
      (late) => late.kill(),
      () => {},
    );
    const told = toRheobaseError(error);
    throw told.code === 'timeout' ? told.within(`${id} start`) : told;
  }
}

function toRheobaseError(error: unknown): RheobaseError {
  return error instanceof RheobaseError ? error : fromPlainError(toPlainError(error));
}

/** A failed probe as an availability: what the error says, and its own remedy before the general one. */
export function unavailable(error: unknown, remedy: string | null): Unavailable {
  const { code, what, remedy: own } = toPlainError(error);
  const reason = { available: false, reason: what, remedy: own ?? remedy } as const;
  return code === 'timeout' ? { ...reason, timedOut: true } : reason;
}
