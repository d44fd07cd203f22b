/**
 * A child process as a connection. It dies with its parent, never keeps the parent's event loop alive between calls,
 * and prints to nobody: the end of its standard error is kept to say why it died.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RheobaseError, toPlainError } from '@rheobase/exporter/errors';
import type { Connection, Reply, Request } from '@rheobase/runtime/host';
import { allocateFresh, type Envelope, openBulkFile, pack, reusedMemory, unpack } from './bulk-file.js';
import { lastLines, meaningfulLine } from './child-output.js';

/** Compiled, also where this file runs from its source under a test runner. */
const ENTRY = fileURLToPath(new URL('../dist/child.js', import.meta.url));
/** After `exit`, how long the rest of the child's output may take to arrive. */
const OUTPUT_GRACE_MS = 250;

/** What the child is told when it starts. */
export interface ChildArguments {
  readonly id: string;
  /** A private folder for what must be files (profiles); removed when the child ends. */
  readonly scratch: string;
  /** Name of the software GPU driver that the child's environment selects, null where it selects none. */
  readonly softwareDriver: string | null;
}

/** `transient`: nobody keeps the request's arrays once it is answered. */
export type RequestEnvelope = Envelope & { readonly transient: boolean };

export interface ChildOptions {
  readonly id: string;
  readonly softwareDriver?: string | null;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ChildConnection extends Connection {
  readonly pid: number | undefined;
  /** The last lines of standard error. */
  readonly stderr: readonly string[];
}

/** Of children that have not been seen to end; they are removed at the latest when this process ends. */
const scratchFolders = new Set<string>();
process.on('exit', () => {
  for (const folder of scratchFolders) rmSync(folder, { recursive: true, force: true });
});

export function startChild({ id, softwareDriver = null, env = {} }: ChildOptions): ChildConnection {
  const scratch = mkdtempSync(join(tmpdir(), 'rheobase-'));
  scratchFolders.add(scratch);
  const bulk = openBulkFile();
  const told: ChildArguments = { id, scratch, softwareDriver };
  const child = fork(ENTRY, [JSON.stringify(told)], {
    serialization: 'advanced',
    execArgv: [],
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', bulk],
  });
  const stderr = child.stderr === null ? [] : lastLines(child.stderr);
  child.stdout?.resume();

  const replyMemory = reusedMemory();
  let waiting: { request: Request; resolve(reply: Reply): void; reject(error: Error): void } | undefined;
  const ended = endOf(child, stderr).then((error) => {
    closeSync(bulk);
    rmSync(scratch, { recursive: true, force: true });
    scratchFolders.delete(scratch);
    waiting?.reject(error);
    return error;
  });
  child.on('message', (message) => {
    if (waiting === undefined) return;
    const { request, resolve, reject } = waiting;
    const envelope = message as Envelope;
    const isReused = request.method === 'run' && request.params.reuse === true;
    try {
      resolve(unpack(envelope, bulk, isReused ? replyMemory(envelope) : allocateFresh) as Reply);
    } catch (error) {
      reject(new RheobaseError('failed', `its answer cannot be read: ${toPlainError(error).what}`));
    }
  });

  let dying = false;
  let settled: RheobaseError | undefined;
  void ended.then((error) => {
    settled = error;
  });
  holdLoop(child, false);
  return {
    pid: child.pid,
    stderr,
    ended,
    send: async (request: Request) => {
      if (settled !== undefined) throw settled;
      holdLoop(child, true);
      try {
        return await new Promise<Reply>((resolve, reject) => {
          waiting = { request, resolve, reject };
          const transient = request.method === 'run' || request.method === 'time';
          const envelope: RequestEnvelope = { ...pack(request, bulk), transient };
          // A failed write means that the child is gone or going; its end says more than the write's error.
          child.send(envelope, () => {});
        });
      } finally {
        waiting = undefined;
        // Whoever kills the child waits for its end, whatever else was under way.
        if (!dying) holdLoop(child, false);
      }
    },
    kill: async () => {
      dying = true;
      holdLoop(child, true);
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Resolves when the child is gone and its output complete, with the error that its callers get. */
function endOf(child: ChildProcess, stderr: readonly string[]): Promise<RheobaseError> {
  return new Promise((resolve) => {
    const tell = (what: string) => {
      const line = meaningfulLine(stderr);
      resolve(new RheobaseError('crashed', line === undefined ? what : `${what}: ${line}`));
    };
    child.on('error', (error) => {
      if (child.pid === undefined) tell(`its process cannot be started (${error.message})`);
    });
    child.on('exit', (code, signal) => {
      const what = signal === null ? `its process exited with code ${code}` : `its process was ended by ${signal}`;
      const grace = setTimeout(() => tell(what), OUTPUT_GRACE_MS);
      child.on('close', () => {
        clearTimeout(grace);
        tell(what);
      });
    });
  });
}

/** Whether the child keeps this process alive: only while somebody waits for it. */
function holdLoop(child: ChildProcess, hold: boolean): void {
  const method = hold ? 'ref' : 'unref';
  child[method]();
  child.channel?.[method]();
  for (const stream of [child.stdout, child.stderr]) {
    (stream as { ref?(): void; unref?(): void } | null)?.[method]?.();
  }
}
